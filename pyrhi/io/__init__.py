"""Images, ROIs and tables, in and out."""
