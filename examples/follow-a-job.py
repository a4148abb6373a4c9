#!/usr/bin/env python3
"""Usage: follow-a-job.py [DIGITS]. Needs nothing but Python 3.8."""

import io
import json
import os
import sys
import time
import urllib.request
import zipfile

API = os.environ.get("JOB_API_URL", "http://localhost:5000")


def create_job(num):
    request = urllib.request.Request(
        API + "/jobs",
        data=json.dumps({"num": num}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def follow(status_path):
    """Asks as often as the answers say; returns the last one."""
    while True:
        with urllib.request.urlopen(API + status_path) as response:
            job = json.load(response)
            retry_after = response.headers["Retry-After"]
        print(f"{job['status']}: {job['progress']['digits_written']} of {job['num']} digits")
        if retry_after is None:
            return job
        time.sleep(int(retry_after))


def fetch_text(url):
    with urllib.request.urlopen(url) as response:
        archive = zipfile.ZipFile(io.BytesIO(response.read()))
    (name,) = archive.namelist()
    return archive.read(name).decode()


def pi_by_machin(count):
    """pi = 16 arctan(1/5) - 4 arctan(1/239), in integers with ten guard digits that are cut off at the end."""

    def arctan_of_inverse(x):
        power = one // x
        total, sign, n = power, 1, 1
        while power:
            power //= x * x
            sign, n = -sign, n + 2
            total += sign * (power // n)
        return total

    one = 10 ** (count + 9)
    pi = 16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)
    return pi // 10**10


def main():
    digits = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    created = create_job(digits)
    print(f"created {API}{created['links']['self']}")
    job = follow(created["links"]["status"])
    if job["status"] != "completed":
        sys.exit(f"the job ended as {job['status']}: {job.get('error', '')}")
    text = fetch_text(created["links"]["download"])
    if int(text.replace(".", "")) != pi_by_machin(digits):
        sys.exit("the digits are not those of pi")
    print(f"{digits} digits are right: {text[:22]}...")


if __name__ == "__main__":
    main()
