package server

import (
	"fmt"

	"github.com/iamd-project/iamd/internal/cfn"
	"github.com/iamd-project/iamd/internal/cloudtrail"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/kept"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/organizations"
	"github.com/iamd-project/iamd/internal/rotation"
	"github.com/iamd-project/iamd/internal/s3"
	"github.com/iamd-project/iamd/internal/secrets"
	"github.com/iamd-project/iamd/internal/ssm"
	"github.com/iamd-project/iamd/internal/sts"
)

// parts are what services need of the server.
type parts struct {
	trail     cloudtrail.Trail // what has been recorded
	stacks    cfn.Config
	rotations *rotation.Engine
	objects   s3.Config
}

// Services is every service that iamd knows, those included of which nothing is
// built yet, on a server at its default address.
func Services() []op.Service {
	return servicesAt("http://"+DefaultListen, parts{rotations: &rotation.Engine{}})
}

// servicesAt is Services on the server that others reach at the URL base.
func servicesAt(base string, p parts) []op.Service {
	return []op.Service{
		iam.ServiceAt(base),
		sts.ServiceAt(base),
		cfn.Service(p.stacks),
		secrets.ServiceRotating(p.rotations),
		ssm.Service(),
		cloudtrail.Service(p.trail),
		organizations.Service(),
		s3.Service(p.objects),
		kept.KMS(),
		kept.ECR(),
	}
}

// services are the Services with the quotas of the configuration in force.
func (c *Config) services(p parts) ([]op.Service, error) {
	services, left := servicesAt(c.base(), p), c.Quotas
	for i := range services {
		s := &services[i]
		var err error
		if s.Quotas, left, err = s.Quotas.With(left); err != nil {
			return nil, fmt.Errorf("--quota: %w", err)
		}
	}
	if len(left) > 0 {
		return nil, fmt.Errorf("--quota %s: there is no such quota", left[0])
	}
	return services, nil
}
