"""The client: what labs share is found, verified, installed, and written down in locks.

The order of trust: a root that the user gave (`_place`), metadata and files verified by TUF
(`_trusted`), names that only their lab may fill, a plan that says what would change (`_plan`), an
environment that changes in one step (`_environment`), and a lock (`_lock`) that
``pumpleak rest FILE --locked`` holds everything to.
"""
