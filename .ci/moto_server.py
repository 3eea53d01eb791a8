"""Runs moto's AWS server for the deployment test, without its linter and with four more resources.

moto rejects a template on every finding of cfn-lint, even an informational one. .ci/stack.sh runs
cfn-lint itself and ignores the one rule that the deploy tool's generated resources break.

moto cannot deploy secrets, schedule groups, schedules and alarms. This file adds them. An alarm is
only a name here, because cfn-lint has already checked it.

It also refuses parameters that the template does not declare, as CloudFormation does, and keeps the
flag of termination protection.
"""

import json
import sys

from moto.cloudformation import models as cloudformation
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
from moto.scheduler.models import scheduler_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.server import main


class Secret(CloudFormationModel):
    """AWS::SecretsManager::Secret, without a value."""

    __module__ = "moto.secretsmanager.models"  # moto registers the model under this service

    def __init__(self, arn):
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_name_type():
        return "Name"

    @staticmethod
    def cloudformation_type():
        return "AWS::SecretsManager::Secret"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        properties = cloudformation_json["Properties"]
        created = secretsmanager_backends[account_id][region_name].create_secret(
            name=resource_name,
            secret_string=None,
            secret_binary=None,
            description=properties.get("Description"),
            tags=None,
            kms_key_id=None,
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )
        return cls(json.loads(created)["ARN"])


class ScheduleGroup(CloudFormationModel):
    """AWS::Scheduler::ScheduleGroup."""

    __module__ = "moto.scheduler.models"

    def __init__(self, group):
        self.group = group
        self.physical_resource_id = group.name

    @staticmethod
    def cloudformation_name_type():
        return "Name"

    @staticmethod
    def cloudformation_type():
        return "AWS::Scheduler::ScheduleGroup"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name):
        return self.group.arn

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        return cls(scheduler_backends[account_id][region_name].create_schedule_group(resource_name, []))

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        scheduler_backends[account_id][region_name].delete_schedule_group(resource_name)


class Schedule(CloudFormationModel):
    """AWS::Scheduler::Schedule, with the properties that this stack's schedules have."""

    __module__ = "moto.scheduler.models"

    def __init__(self, name):
        self.physical_resource_id = name

    @staticmethod
    def cloudformation_name_type():
        return "Name"

    @staticmethod
    def cloudformation_type():
        return "AWS::Scheduler::Schedule"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        properties = cloudformation_json["Properties"]
        scheduler_backends[account_id][region_name].create_schedule(
            name=resource_name,
            group_name=properties["GroupName"],
            schedule_expression=properties["ScheduleExpression"],
            flexible_time_window=properties["FlexibleTimeWindow"],
            target=properties["Target"],
            description=None,
            schedule_expression_timezone=None,
            start_date=None,
            end_date=None,
            state=None,
            kms_key_arn=None,
            action_after_completion=None,
        )
        return cls(resource_name)

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        """Does nothing, because its group is deleted with its schedules."""


class Alarm(CloudFormationModel):
    """AWS::CloudWatch::Alarm, by name only."""

    __module__ = "moto.cloudwatch.models"

    def __init__(self, name, account_id, region_name):
        self.physical_resource_id = name
        self.arn = f"arn:aws:cloudwatch:{region_name}:{account_id}:alarm:{name}"

    @staticmethod
    def cloudformation_name_type():
        return "AlarmName"

    @staticmethod
    def cloudformation_type():
        return "AWS::CloudWatch::Alarm"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name):
        return self.arn

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        return cls(resource_name, account_id, region_name)

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        """Does nothing, because no alarm was created."""


def update_termination_protection(request):
    """Keeps the flag on the stack, where describe_stacks finds it."""
    stack = request.cloudformation_backend.get_stack(request._get_param("StackName"))
    stack.enable_termination_protection = request._get_bool_param("EnableTerminationProtection", False)
    return ActionResult({"StackId": stack.stack_id})


def refuse_undeclared(action):
    """Refuses parameters that the template does not have, as CloudFormation does and moto does not."""

    def checked(request):
        url = request._get_param("TemplateURL")
        body = request._get_param("TemplateBody") or request._get_stack_from_s3_url(url)
        declared = json.loads(body).get("Parameters", {})
        given = [parameter["ParameterKey"] for parameter in request._get_param("Parameters", [])]
        unknown = [key for key in given if key not in declared]
        if unknown:
            raise ValidationError(message=f"Parameters: {unknown} do not exist in the template")
        return action(request)

    return checked


CloudFormationResponse.create_stack = refuse_undeclared(CloudFormationResponse.create_stack)
CloudFormationResponse.update_stack = refuse_undeclared(CloudFormationResponse.update_stack)
CloudFormationResponse.update_termination_protection = update_termination_protection
cloudformation.validate_template_cfn_lint = lambda template: []

main(sys.argv[1:])
