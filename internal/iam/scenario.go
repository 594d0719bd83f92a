package iam

import (
	"slices"
	"strings"
)

// scenarios are what ResourceHandlingOption takes, and the types of EC2's resources
// that each demands.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
var scenarios = map[string][]string{
	"EC2-Classic-InstanceStore":    {"instance", "image", "security-group"},
	"EC2-Classic-EBS":              {"instance", "image", "security-group", "volume"},
	"EC2-VPC-InstanceStore":        {"instance", "image", "security-group", "network-interface"},
	"EC2-VPC-InstanceStore-Subnet": {"instance", "image", "security-group", "network-interface", "subnet"},
	"EC2-VPC-EBS":                  {"instance", "image", "security-group", "network-interface", "volume"},
	"EC2-VPC-EBS-Subnet":           {"instance", "image", "security-group", "network-interface", "subnet", "volume"},
}

// checkScenario demands a resource of each type that a scenario takes.
func checkScenario(option string, resources []string) error {
	types, ok := scenarios[option]
	if !ok {
		return invalidInput("%s is not a valid Resource Handling Option.", option)
	}
	for _, t := range types {
		if !slices.ContainsFunc(resources, func(r string) bool { return isEC2(r, t) }) {
			return invalidInput("Resource Handling Option %s requires a resource of type %s.", option, t)
		}
	}
	return nil
}

func isEC2(resource, kind string) bool {
	f := strings.SplitN(resource, ":", 6)
	return len(f) == 6 && f[2] == "ec2" && strings.HasPrefix(f[5], kind+"/")
}
