"""What jobs and web both know: pure Python and numpy, importing nothing else of ours."""
