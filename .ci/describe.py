"""Checks a deployment at the emulated AWS and fails on the first difference.

Writes the functions' environments and the stack's outputs to FILE as JSON.

usage: describe.py ENDPOINT STACK FILE [EVENT_BUS]
"""

import json
import sys

import boto3

endpoint, stack, target, *bus = sys.argv[1:]


def client(service):
    return boto3.client(service, endpoint_url=endpoint)


def outputs():
    (found,) = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}


def functions():
    listed = client("lambda").list_functions()["Functions"]
    return {found["FunctionName"].removeprefix(f"{stack}-"): found for found in listed}


def queue(url):
    return client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def check(label, actual, expected):
    print(f"  {'ok  ' if actual == expected else 'FAIL'} {label}: {actual}")
    if actual != expected:
        sys.exit(f"{label} should be {expected}")


print(f"{stack} at {endpoint}")
named = outputs()
for key, value in named.items():
    print(f"       {key} = {value}")

made = functions()
check("functions", sorted(made), ["api", "preflight", "queue", "schedule"])
for name, function in made.items():
    check(f"{name} runs on", function["Runtime"], "nodejs24.x")
check("roles", len({function["Role"] for function in made.values()}), 4)

environment = {name: function["Environment"]["Variables"] for name, function in made.items()}
dead_letters = queue(named["DeadLetterQueueUrl"])
sources = {}
for kind, prefix, batch_size in ("Cancel", "", 10), ("Kill", "KILL_", 1):
    found = queue(named[f"{kind}QueueUrl"])
    check(f"{kind} queue's ARN", found["QueueArn"], named[f"{kind}QueueArn"])
    redrive = json.loads(found["RedrivePolicy"])
    check(f"{kind} queue's dead letters go to", redrive["deadLetterTargetArn"], dead_letters["QueueArn"])
    last_receive = environment["queue"][f"{prefix}MAX_RECEIVE_COUNT"]
    check(f"{kind} queue's last receive", last_receive, str(redrive["maxReceiveCount"]))
    sources[found["QueueArn"]] = batch_size
for name in ("api", "queue"):
    check(f"{name} knows the cancel queue", environment[name]["CANCEL_QUEUE_URL"], named["CancelQueueUrl"])
for name in ("api", "queue", "schedule"):
    check(f"{name} knows the kill queue", environment[name]["KILL_QUEUE_URL"], named["KillQueueUrl"])
buses = {name: variables["EVENT_BUS_NAME"] for name, variables in environment.items() if "EVENT_BUS_NAME" in variables}
check("functions publish to", buses, {name: bus[0] for name in ("api", "queue", "schedule") if bus})
for name, variables in environment.items():
    check(f"{name} writes dead letters to", variables["DEAD_LETTER_QUEUE_URL"], named["DeadLetterQueueUrl"])
    check(f"{name} reads its key from", variables["BINANCE_SECRET_ID"], named["SecretArn"])
    check(f"{name} reads accounts' keys from", variables["BINANCE_ACCOUNT_SECRETS"], named["AccountSecretPrefix"])
for account, output in ("desk-a", "AccountCallerPolicy"), ("${aws:PrincipalTag/account}", "TaggedCallerPolicy"):
    (statement,) = json.loads(named[output])["Statement"]
    # moto has no HTTP API, so the id before the stage is not resolved
    check(f"{output} allows", statement["Resource"].partition("/")[2], f"$default/*/accounts/{account}/*")

mappings = client("lambda").list_event_source_mappings()["EventSourceMappings"]
invoked = {mapping["EventSourceArn"]: mapping["BatchSize"] for mapping in mappings}
check("queue function is invoked with batches by", invoked, sources)
check("functions with a mapping", {mapping["FunctionArn"] for mapping in mappings}, {made["queue"]["FunctionArn"]})
scheduled = client("scheduler").list_schedules(GroupName=f"{stack}-drills")["Schedules"]
drilled = {made[name]["FunctionArn"] for name in ("api", "schedule", "preflight")} | {named["KillQueueArn"]}
check("drills", {schedule["Target"]["Arn"] for schedule in scheduled}, drilled)
secret = client("secretsmanager").describe_secret(SecretId=named["SecretArn"])
check("versions of the secret", secret.get("VersionIdsToStages", {}), {})

with open(target, "w", encoding="utf-8") as file:
    json.dump({"outputs": named, "environment": environment}, file)
