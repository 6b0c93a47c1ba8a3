"""Who is at the browser: signing in and out, whom one rates as, forms that write, and what was said of the last one."""
