"""What rest costs, and what it takes to rest elsewhere."""
