package organizations

import (
	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
)

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

// newOrganizationID makes an ID as AWS's are. Nobody looks whether it is taken: ten
// letters do not meet by chance among the few that one server has.
func newOrganizationID(s ids.Source) directory.OrganizationID {
	return directory.OrganizationID("o-" + s.Letters(alphabet, 10))
}

func newRootID(s ids.Source) string { return "r-" + s.Letters(alphabet, 4) }

func newCreationID(s ids.Source) string { return "car-" + s.Letters(alphabet, 32) }

// name is the ARN of something that is an organization's. All of them are in the
// account that manages it.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
func name(o *directory.Organization, resource string) string {
	return arn.ARN{Partition: "aws", Service: "organizations", Account: string(o.Management), Resource: resource}.String()
}

func organizationARN(o *directory.Organization) string { return name(o, "organization/"+string(o.ID)) }

func rootARN(o *directory.Organization) string { return name(o, "root/"+string(o.ID)+"/"+o.Root) }

func accountARN(o *directory.Organization, id string) string {
	return name(o, "account/"+string(o.ID)+"/"+id)
}
