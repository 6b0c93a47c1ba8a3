# Every target works again and again; variables (SIZE, MOVIELENS_DIR, WORKERS, …) come from the environment or .env,
# and `make SIZE=f preprocess` is the same as `SIZE=f make preprocess`.
SHELL := bash
unexport PYTHONHOME # of another Python, which ours would not start with
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON_ENV := .venv/bin/python
CLUSTER := $(PYTHON_ENV) -m cluster

# Packages are called as modules: the scripts in .venv/bin name the folder where it was made, which a copy is not.

.PHONY: help setup doctor preprocess web up down scale status login logs schema job sql rollback evaluate tune test bench screenshots check clean

##@ From nothing to recommendations
setup: ## packages and jars or images, data, the running cluster and its tables (SIZE=s|f|sample, MOVIELENS_DIR=…)
	@./setup.sh
	@$(if $(filter preprocess,$(MAKECMDGOALS)),:,echo "Set up. Next: make preprocess")

doctor: ## what is in order on this machine and in this copy, what is not, and the command that mends it
	@./setup.sh --doctor

# a plan is printed without setup, which would fetch and start things
preprocess: $(if $(filter 1,$(EXPLAIN)),.venv,setup) ## from data to site and reports (LAB=0: no reports; IF_DRIFTED=1: learn if data drifted; EXPLAIN=1: print the plan)
	@$(PYTHON_ENV) -m cluster.pipeline $(if $(filter 1,$(IF_DRIFTED)),--if-drifted) $(if $(filter 1,$(EXPLAIN)),--explain)

##@ The cluster
up: .venv ## start what does not run
	@$(CLUSTER) up

web: .venv ## start the site only
	@$(CLUSTER) up --only web

down: .venv ## stop everything; nothing is lost, but with VOLUMES=1 what Cassandra stored
	@$(CLUSTER) down $(if $(filter 1,$(VOLUMES)),--volumes)

scale: .venv ## WORKERS=4: so many Spark workers; without it: measure the pipeline at 1, 2, … (COUNTS="1 2 4")
	@$(if $(WORKERS),$(CLUSTER) scale,$(PYTHON_ENV) -m cluster.commands.scaling $(COUNTS))

status: .venv ## which services run, and the addresses of their pages
	@$(CLUSTER) status --exit-zero

login: .venv ## an address that signs your browser in, so that you can rate (once, within an hour)
	@$(CLUSTER) login

logs: .venv ## the end of every log (SERVICE=spark-master for one, FOLLOW=1)
	@$(CLUSTER) logs $(if $(filter 1,$(FOLLOW)),--follow) $(SERVICE)

schema: .venv ## create missing tables and compare the others with cql/tables
	@$(CLUSTER) schema

##@ Jobs
job: .venv ## one job on the cluster: make job JOB=train_als ARGS="--rank 64"
	@test -n "$(JOB)" || { echo "ERROR name a job: make job JOB=train_als ARGS=\"--help\"" >&2; exit 1; }
	@$(CLUSTER) submit $(JOB) $(ARGS)

evaluate: .venv ## models beside baselines on held-out ratings: make evaluate ARGS="--protocol time --k 10"
	@$(CLUSTER) submit evaluate $(ARGS)

tune: .venv ## settings that suit a data set, found on its training part: make tune ARGS="--movielens DIR --trials 60"
	@$(CLUSTER) submit tune $(ARGS)

sql: .venv ## a Spark SQL shell on the star schema of song plays (QUERY="SELECT …" for one answer)
	@$(PYTHON_ENV) -m cluster.commands.sql $(if $(QUERY),"$$QUERY") # from the environment: a statement may have quotes

rollback: .venv ## serve the run published before (KIND=catalogue or songplays; without it: recommendations)
	@$(CLUSTER) rollback $(if $(KIND),--kind "$(KIND)")

##@ Development
# two processes, which begin with the native cluster and with the containers; tests/conftest.py has the order
test: ARGS ?= --numprocesses 2 --dist loadgroup --no-loadscope-reorder
test: ## all tests; some of them: make test ARGS="tests/domain -k gaussian"
	@./setup.sh --dev
	@$(PYTHON_ENV) -m pytest $(ARGS)

bench: ## ours beside the usual ways, as ratios, on the native cluster that is up: ARGS="--parts training --turns 3"
	@./setup.sh --dev
	@$(PYTHON_ENV) -m tests.bench $(ARGS)

screenshots: ## pictures of every page of the site that is up, desktop and phone, light and dark, to docs/img; needs Chromium
	@./setup.sh --dev
	@$(PYTHON_ENV) -m tests.browser.screenshots $(ARGS)

check: ## style, types, and the rules about the tree itself
	@./setup.sh --dev
	@$(PYTHON_ENV) -m ruff check .
	@$(PYTHON_ENV) -m ruff format --check .
	@$(PYTHON_ENV) -m mypy cluster cql domain spark_jobs web
	@$(PYTHON_ENV) -m pytest -q tests/layout

clean: .venv ## remove .run; with DATA=1 the data too; refused while it runs
	@$(CLUSTER) clean $(if $(filter 1,$(DATA)),--data)

help: ## this list
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv:
	@./setup.sh --commands
