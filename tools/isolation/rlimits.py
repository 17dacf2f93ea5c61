"""Set limits for this process and its children."""

import resource


def set_limits(**limits: int) -> None:
    """Set soft and hard limits by name, without RLIMIT_; never raise an existing limit."""
    for name, value in limits.items():
        limit = getattr(resource, f"RLIMIT_{name}")
        most = resource.getrlimit(limit)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (value, value))
