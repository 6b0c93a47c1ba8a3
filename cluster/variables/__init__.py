"""The values of variables: numbers, paths, host names, amounts of memory, each refused with what is allowed."""
