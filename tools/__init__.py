"""Tools around the course: install, publish, grade, run a hub, and MXNet on current Pythons."""
