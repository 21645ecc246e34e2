#!/usr/bin/env bash
# Fits models/rw-cae again around its detector: simulates the passes, unless FOLDER holds them already, and runs `fdir fit`.
# Usage: models/rw-cae/training/refit.sh FOLDER [OUT]     from the root of the project, after `npm run build`
set -euo pipefail
folder=${1:?folder for the passes}
out=${2:-models/rw-cae}
mkdir -p "$folder"

fdir() { node dist/cli.js "$@"; }
# simulate FILE OPTIONS...: written under another name first, so that a pass which is there is whole.
simulate() {
  local file="$folder/$1"
  shift
  [ -s "$file" ] && return
  fdir simulate --out "$file.part.csv" "$@"
  mv "$file.part.csv" "$file"
}

# None of these is the pass that the detector was trained on: its residual is smaller there than anywhere else.
simulate n103.csv --duration 5d --seed 103
nominal=("$folder/n103.csv")
for seed in 104 105 106; do
  simulate "n$seed.csv" --duration 2d --seed "$seed"
  nominal+=("$folder/n$seed.csv")
done
simulate faults6.csv --labels "$folder/faults6.labels.csv" --duration 6d --seed 301 --random-faults 144

fdir fit --mission rules/mission.yaml --nominal "${nominal[@]}" \
  --labelled "$folder/faults6.csv" --labels "$folder/faults6.labels.csv" \
  --detector models/rw-cae/training/detector.onnx --out "$out"
