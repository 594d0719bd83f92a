package server

import (
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/organizations"
	"github.com/iamd-project/iamd/internal/shapes/cloudformation"
	"github.com/iamd-project/iamd/internal/shapes/cloudtrail"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/shapes/ssm"
	"github.com/iamd-project/iamd/internal/sts"
)

// Services is every service that iamd knows, those included of which nothing is
// built yet, on a server at its default address.
func Services() []op.Service { return servicesAt("http://" + DefaultListen) }

// servicesAt is Services on the server that others reach at the URL base.
func servicesAt(base string) []op.Service {
	return []op.Service{
		iam.ServiceAt(base),
		sts.ServiceAt(base),
		{Shape: &cloudformation.Service, Spelling: awserr.Query},
		{Shape: &secretsmanager.Service, Spelling: awserr.JSON},
		{Shape: &ssm.Service, Spelling: awserr.JSON},
		{Shape: &cloudtrail.Service, Spelling: awserr.JSON},
		organizations.Service(),
	}
}
