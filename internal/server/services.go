package server

import (
	"fmt"

	"github.com/iamd-project/iamd/internal/cfn"
	"github.com/iamd-project/iamd/internal/cloudtrail"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/organizations"
	"github.com/iamd-project/iamd/internal/rotation"
	"github.com/iamd-project/iamd/internal/secrets"
	"github.com/iamd-project/iamd/internal/ssm"
	"github.com/iamd-project/iamd/internal/sts"
)

// Services is every service that iamd knows, those included of which nothing is
// built yet, on a server at its default address.
func Services() []op.Service {
	return servicesAt("http://"+DefaultListen, nil, cfn.Config{}, &rotation.Engine{})
}

// servicesAt is Services on the server that others reach at the URL base, and whose
// records are in a trail.
func servicesAt(base string, trail cloudtrail.Trail, stacks cfn.Config, rotations *rotation.Engine) []op.Service {
	return []op.Service{
		iam.ServiceAt(base),
		sts.ServiceAt(base),
		cfn.Service(stacks),
		secrets.ServiceRotating(rotations),
		ssm.Service(),
		cloudtrail.Service(trail),
		organizations.Service(),
	}
}

// services are the Services with the quotas of the configuration in force.
func (c *Config) services(trail cloudtrail.Trail, stacks cfn.Config, rotations *rotation.Engine) ([]op.Service, error) {
	services, left := servicesAt(c.base(), trail, stacks, rotations), c.Quotas
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
