package client

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/shapes"
)

// A partition is one of AWS's separate clouds.
type partition struct {
	prefix  string            // of its regions' names
	suffix  string            // of its hosts
	global  map[string]global // services with one endpoint for all of its regions
	regions []string          // those where its services are available
}

type global struct{ host, region string }

// partitions are AWS's, the commercial one last: a region nobody knows is taken for its.
// https://docs.aws.amazon.com/general/latest/gr/rande.html
var partitions = []partition{
	{
		prefix: "cn-", suffix: "amazonaws.com.cn",
		global: map[string]global{
			"iam":           {"iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
			"organizations": {"organizations.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"},
		},
		regions: []string{"cn-north-1", "cn-northwest-1"},
	},
	{
		prefix: "us-gov-", suffix: "amazonaws.com",
		global: map[string]global{
			"iam":           {"iam.us-gov.amazonaws.com", "us-gov-west-1"},
			"organizations": {"organizations.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
		},
		regions: []string{"us-gov-east-1", "us-gov-west-1"},
	},
	{
		suffix: "amazonaws.com",
		global: map[string]global{
			"iam":           {"iam.amazonaws.com", "us-east-1"},
			"organizations": {"organizations.us-east-1.amazonaws.com", "us-east-1"},
		},
		regions: []string{
			"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
			"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
			"ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2",
			"eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
		},
	},
}

// unreached are regions of clouds that are not in partitions: their hosts have other names.
var unreached = []string{"us-iso-", "us-isob-", "eu-isoe-", "us-isof-", "eusc-"}

func partitionOf(region string) partition {
	i := slices.IndexFunc(partitions, func(p partition) bool { return strings.HasPrefix(region, p.prefix) })
	return partitions[i]
}

// AllRegions stands in a list of regions for every one where a service is available.
const AllRegions = "*"

// Regions are the regions to call a service in: those asked for, each once; for
// AllRegions every one of the partition that the client's own region is in, or the one
// of its endpoint for a service that has a single one; and the client's own for none.
func (c *Client) Regions(svc *shapes.Service, asked []string) ([]string, error) {
	home := c.region
	if home == "" && svc.Global {
		home = "us-east-1"
	}
	if len(asked) == 0 {
		if home == "" {
			return nil, errors.New("no region: give one, or set AWS_REGION")
		}
		asked = []string{home}
	}
	var regions []string
	for _, r := range asked {
		switch {
		case r == AllRegions && len(asked) > 1:
			return nil, fmt.Errorf("%q stands for every region, and takes no other beside it", AllRegions)
		case r == AllRegions && svc.Global:
			return []string{partitionOf(home).global[svc.ID].region}, nil
		case r == AllRegions:
			return partitionOf(home).regions, nil
		case !validRegion(r):
			return nil, fmt.Errorf("%q is not the name of a region", r)
		case !slices.Contains(regions, r):
			regions = append(regions, r)
		}
	}
	return regions, nil
}

// validRegion keeps out what would change the host that a request goes to.
func validRegion(s string) bool {
	return s != "" && len(s) <= 63 && strings.Trim(s, "-") == s &&
		!strings.ContainsFunc(s, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-') })
}

// endpoint is where to send what is meant for a region, and the region to sign for.
func (c *Client) endpoint(svc *shapes.Service, region string) (url, signing string, err error) {
	if url := c.endpoints(svc.ID); url != "" {
		return url, region, nil
	}
	if slices.ContainsFunc(unreached, func(p string) bool { return strings.HasPrefix(region, p) }) {
		return "", "", fmt.Errorf("the endpoints of %s are not known here: give one", region)
	}
	p := partitionOf(region)
	if g, ok := p.global[svc.ID]; ok {
		return "https://" + g.host, g.region, nil
	}
	return "https://" + svc.ID + "." + region + "." + p.suffix, region, nil
}
