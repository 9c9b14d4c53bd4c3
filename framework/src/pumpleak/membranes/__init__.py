"""Parts put together: membranes, their files, and where names are looked up."""
