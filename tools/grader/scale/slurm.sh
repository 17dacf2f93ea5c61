#!/bin/bash
# An array of jobs for Slurm. In the repository, with folders that all machines see:
#     sbatch --array=1-40 tools/grader/scale/slurm.sh SUBMISSIONS OUT 40
# The last number is the total number of slices, even if you rerun only some. Afterwards:
#     .venv/bin/python -m tools.grader merge SUBMISSIONS --out OUT
#SBATCH --job-name=grade
#SBATCH --cpus-per-task=2
#SBATCH --mem=5G
exec .venv/bin/python -m tools.grader run "$1" --out "$2" --jobs "$SLURM_CPUS_PER_TASK" \
    --slice "$SLURM_ARRAY_TASK_ID/$3"
