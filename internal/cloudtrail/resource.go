package cloudtrail

import (
	"maps"
	"slices"

	shape "github.com/iamd-project/iamd/internal/shapes/cloudtrail"
)

// resourceTypes are the types of what members of requests and replies name, by service.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-supported-resource-types.html
var resourceTypes = map[string]map[string]string{
	"iam.amazonaws.com": {
		"accessKeyId":              "AWS::IAM::AccessKey",
		"groupName":                "AWS::IAM::Group",
		"instanceProfileName":      "AWS::IAM::InstanceProfile",
		"openIDConnectProviderArn": "AWS::IAM::OIDCProvider",
		"policyArn":                "AWS::IAM::Policy",
		"policyName":               "AWS::IAM::Policy",
		"roleName":                 "AWS::IAM::Role",
		"sAMLProviderArn":          "AWS::IAM::SAMLProvider",
		"serialNumber":             "AWS::IAM::MFADevice",
		"serverCertificateName":    "AWS::IAM::ServerCertificate",
		"userName":                 "AWS::IAM::User",
	},
	"sts.amazonaws.com": {
		"accessKeyId": "AWS::IAM::AccessKey",
		"roleArn":     "AWS::IAM::Role",
	},
	"ssm.amazonaws.com": {
		"name":       "AWS::SSM::Parameter",
		"names":      "AWS::SSM::Parameter",
		"resourceId": "AWS::SSM::Parameter",
	},
	"secretsmanager.amazonaws.com": {
		"name":     "AWS::SecretsManager::Secret",
		"secretId": "AWS::SecretsManager::Secret",
	},
	"cloudformation.amazonaws.com": {
		"changeSetName": "AWS::CloudFormation::ChangeSet",
		"roleARN":       "AWS::IAM::Role",
		"stackName":     "AWS::CloudFormation::Stack",
	},
	"organizations.amazonaws.com": {
		"accountId": "AWS::Organizations::Account",
	},
}

// resources are what the request names, and what the reply does one level down:
// CreateAccessKey's accessKey.accessKeyId.
func (e *event) resources() []shape.Resource {
	list := resourceList{types: resourceTypes[e.Source], found: []shape.Resource{}}
	list.add(e.Request)
	list.add(e.Response)
	for _, member := range slices.Sorted(maps.Keys(e.Response)) {
		if inner, ok := e.Response[member].(map[string]any); ok {
			list.add(inner)
		}
	}
	return list.found
}

type resourceList struct {
	types map[string]string // by member
	found []shape.Resource
}

func (l *resourceList) add(members map[string]any) {
	for _, member := range slices.Sorted(maps.Keys(members)) {
		kind, ok := l.types[member]
		if !ok {
			continue
		}
		switch v := members[member].(type) {
		case string:
			l.addOne(kind, v)
		case []any:
			for _, one := range v {
				if name, ok := one.(string); ok {
					l.addOne(kind, name)
				}
			}
		}
	}
}

func (l *resourceList) addOne(kind, name string) {
	same := func(r shape.Resource) bool { return *r.ResourceType == kind && *r.ResourceName == name }
	if !slices.ContainsFunc(l.found, same) {
		l.found = append(l.found, shape.Resource{ResourceType: &kind, ResourceName: &name})
	}
}
