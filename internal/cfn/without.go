package cfn

import "github.com/iamd-project/iamd/internal/op"

// leftOut is what iamd does not do: it makes stacks of the resources that it serves, in
// the account that asks.
func leftOut() []op.Without {
	return []op.Without{
		{Feature: "StackSets", Operations: []string{
			"CreateStackSet", "UpdateStackSet", "DeleteStackSet", "DescribeStackSet", "ListStackSets", "CreateStackInstances",
			"UpdateStackInstances", "DeleteStackInstances", "DescribeStackInstance", "ListStackInstances", "ListStackInstanceResourceDrifts",
			"DescribeStackSetOperation", "ListStackSetOperations", "ListStackSetOperationResults", "StopStackSetOperation",
			"DetectStackSetDrift", "ImportStacksToStackSet", "ListStackSetAutoDeploymentTargets",
			"ActivateOrganizationsAccess", "DeactivateOrganizationsAccess", "DescribeOrganizationsAccess",
		}},
		{Feature: "registry of types", Operations: []string{
			"ActivateType", "DeactivateType", "BatchDescribeTypeConfigurations", "DeregisterType", "DescribeType", "DescribeTypeRegistration",
			"ListTypeRegistrations", "ListTypeVersions", "ListTypes", "RegisterType", "SetTypeConfiguration", "SetTypeDefaultVersion",
			"TestType", "RecordHandlerProgress",
		}},
		{Feature: "publishers of types", Operations: []string{"DescribePublisher", "PublishType", "RegisterPublisher"}},
		{Feature: "generated templates", Operations: []string{
			"CreateGeneratedTemplate", "UpdateGeneratedTemplate", "DeleteGeneratedTemplate", "DescribeGeneratedTemplate",
			"GetGeneratedTemplate", "ListGeneratedTemplates",
		}},
		{Feature: "scans of resources", Operations: []string{
			"StartResourceScan", "DescribeResourceScan", "ListResourceScans", "ListResourceScanResources", "ListResourceScanRelatedResources",
		}},
		{Feature: "refactoring of stacks", Operations: []string{
			"CreateStackRefactor", "DescribeStackRefactor", "ExecuteStackRefactor", "ListStackRefactorActions", "ListStackRefactors",
		}},
		{Feature: "prices", Operations: []string{"EstimateTemplateCost"}},
	}
}
