"""Metadata of the package; the exact versions are in requirements.txt (with hashes)."""

from setuptools import find_packages, setup

PACKAGES = ["edge_server", "sync", "indexer", "web"]

setup(
    name="edge-server",
    version="0.1.0",
    description="Offline-first courseware server for remote teaching points",
    license="Apache-2.0",
    python_requires=">=3.11",
    # Named one by one: `sync`, `web` and `indexer` are common names, so the program
    # always lives in a virtual environment of its own.
    packages=[
        *PACKAGES,
        *(f"{p}.{sub}" for p in PACKAGES for sub in find_packages(p)),
    ],
    include_package_data=True,
    install_requires=[
        "flask>=3.1",
        "sqlite-utils>=4.2.1",
        "watchdog>=6",
        "zeroconf>=0.140",
        "ffmpeg-python==0.2.0",
        "whoosh-reloaded==2.7.5",
        "gunicorn>=24",
        "argon2-cffi>=23",
        "babel>=2.16",
        "defusedxml>=0.7.1",
        "olefile>=0.47",
        "openpyxl>=3.1",
        "pypdfium2>=5",
        "segno>=1.6",
        "msgpack>=1.1",
        "zstandard>=0.23",
        "cryptography>=45",
        "securesystemslib>=1.3",
        "tuf>=7",
        "urllib3>=2.5",
    ],
    extras_require={
        # Only the county centre cuts patches, keeps the ledger and ends TLS itself.
        "centre": [
            "pyfastcdc>=0.3",
            "sqlalchemy>=2.0",
            "psycopg[binary]>=3.2",
            "cheroot>=11",
        ],
    },
    entry_points={"console_scripts": ["edge-server = edge_server.__main__:main"]},
)
