"""What templates of all rooms are written with: filters, addresses and plots."""
