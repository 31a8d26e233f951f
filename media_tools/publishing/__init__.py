"""Where releases go out to: video platforms, distributors, messengers."""
