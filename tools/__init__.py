"""What surrounds the course: installing, publishing, grading, a hub, MXNet on today's Python."""
