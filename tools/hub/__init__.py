"""A JupyterHub for a class, on one machine: `make hub CLASS=class.csv`."""
