-- Requests for wrk, from files of lines: «GET path» or «POST path body». Each thread goes through its own file once and
-- then again, so a file longer than the run asks nothing twice. Prints what was found as one line of JSON.
local lines, at = {}, 0
local threads = 0

function setup(thread)
   threads = threads + 1
   thread:set("number", threads)
end

function init(args)
   for line in io.lines(args[1] .. number) do
      local method, path, body = line:match("^(%u+) (%S+) ?(.*)$")
      local headers = { ["Host"] = "127.0.0.1" }
      if method == "POST" then
         headers["Content-Type"] = "application/json"
      end
      lines[#lines + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
   end
end

function request()
   at = at % #lines + 1
   return lines[at]
end

function done(summary, latency, requests)
   local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
   print(string.format('{"requests": %d, "seconds": %f, "wrong": %d, "p50": %f, "p99": %f, "bytes": %d}',
      summary.requests, summary.duration / 1e6, wrong, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, summary.bytes))
end
