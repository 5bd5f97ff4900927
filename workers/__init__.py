"""The hands: Celery tasks of a few lines, each calling one verb of `catalog.usecases`."""
