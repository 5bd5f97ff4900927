"""The command line: starts the service's parts, or talks to a running service over HTTP and nothing else."""
