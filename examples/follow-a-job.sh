#!/bin/sh
# Usage: follow-a-job.sh [DIGITS]. Needs curl and unzip.
set -eu
api=${JOB_API_URL:-http://localhost:5000}
digits=${1:-20000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

job=$(curl -sS --fail-with-body -o "$folder/created.json" -w '%header{location}' \
  -H 'Content-Type: application/json' -d "{\"num\": $digits}" "$api/jobs") || { cat "$folder/created.json"; exit 1; }
download=$(sed 's/.*"download":"\([^"]*\)".*/\1/' "$folder/created.json")
echo "created $api$job"

while :; do
  answer=$(curl -sS "$api$job/status?wait=10")
  status=$(echo "$answer" | sed 's/.*"status":"\([a-z]*\)".*/\1/')
  echo "$status"
  case $status in
    completed) break ;;
    failed | terminated) echo "$answer" && exit 1 ;;
  esac
done

curl -sS --fail -o "$folder/digits.zip" "$download"
unzip -tq "$folder/digits.zip"
unzip -p "$folder/digits.zip" >"$folder/digits.txt"
bytes=$(($(wc -c <"$folder/digits.txt")))
expected=$((digits == 1 ? 1 : digits + 1))
[ "$bytes" -eq "$expected" ] || { echo "wrong length: $bytes bytes instead of $expected"; exit 1; }
if [ "$digits" -ge 768 ]; then
  # Byte 0 is the 3 and byte 1 the point, so the digit at position 762 is byte 763 (tail counts from 1).
  nines=$(tail -c +764 "$folder/digits.txt" | head -c 6)
  [ "$nines" = 999999 ] || { echo "wrong digits at position 762: $nines"; exit 1; }
fi
echo "$digits digits are right as far as this looks: $(head -c 22 "$folder/digits.txt")..."
