"""Signal processing on NumPy arrays alone: no files, no threads, no clocks."""
