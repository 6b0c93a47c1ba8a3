"""Rules by which lines of raw files are taken apart, and reasons for which cleaning rejects one."""
