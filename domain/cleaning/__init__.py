"""How lines of raw files are taken apart, and the reasons for which cleaning rejects one."""
