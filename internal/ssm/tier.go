package ssm

import (
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

// The bytes that a value of a tier may have.
const (
	standardValue = 4 << 10
	advancedValue = 8 << 10
)

const tierPage = "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"

// The names of the quotas; AWS's errors have none.
const (
	standardPerRegion = "StandardParametersPerRegion"
	advancedPerRegion = "AdvancedParametersPerRegion"
)

// quotas are AWS's defaults, and how far they can go.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
func quotas() op.Quotas {
	return op.Quotas{
		standardPerRegion: {Limit: 10_000, Most: 100_000_000},
		advancedPerRegion: {Limit: 100_000, Most: 100_000_000},
	}
}

// tierOf is the tier of a new version: the one that is asked for, or else that of the
// version before. Intelligent tiering takes the standard tier while that will do.
func tierOf(c *op.Call, in *shape.PutParameterRequest, was *directory.Parameter, v *directory.ParameterVersion) (string, error) {
	count, err := directory.ParametersIn(c.Snap, c.Caller.Account, c.Region)
	if err != nil {
		return "", err
	}
	before := ""
	if was != nil {
		before = was.Tier
	}
	demanding := len(in.Value) > standardValue || len(v.Policies) > 0
	tier := or(in.Tier, before)
	switch tier {
	case "":
		tier = directory.StandardTier
	case shape.ParameterTierIntelligentTiering:
		tier = directory.StandardTier
		if demanding || before == directory.AdvancedTier || was == nil && count.Standard >= c.Quota(standardPerRegion) {
			tier = directory.AdvancedTier
		}
	}
	return tier, checkTier(c, tier, before, len(in.Value), v, count)
}

func checkTier(c *op.Call, tier, before string, size int, v *directory.ParameterVersion, count directory.ParameterCount) error {
	if tier == directory.AdvancedTier {
		switch {
		case size > advancedValue:
			return invalid("Advanced tier parameters support a maximum parameter value of %d characters. For more information, see %s", advancedValue, tierPage)
		case before != tier && count.Advanced >= c.Quota(advancedPerRegion):
			return tooMany("You have reached the maximum number of advanced parameters for this AWS account and Region (%d). To add more parameters, delete existing parameters.", c.Quota(advancedPerRegion))
		}
		return nil
	}
	switch {
	case before == directory.AdvancedTier:
		return invalid("This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. " +
			"If necessary, you can delete the advanced parameter and recreate it as a standard parameter. Be aware that standard parameters have a value limit of 4096 characters.")
	case size > standardValue:
		return invalid("Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter value, "+
			"upgrade the parameter to use the advanced-parameter tier. For more information, see %s", standardValue, tierPage)
	case len(v.Policies) > 0:
		return invalid("Standard tier parameters don't support parameter policies. To use parameter policies, "+
			"upgrade the parameter to use the advanced-parameter tier. For more information, see %s", tierPage)
	case before == "" && count.Standard >= c.Quota(standardPerRegion):
		return tooMany("You have reached the maximum number of standard parameters for this AWS account and Region (%d). "+
			"To add more parameters, either delete existing parameters or upgrade to the advanced-parameter tier (charges apply).", c.Quota(standardPerRegion))
	}
	return nil
}

func tooMany(format string, most int) error {
	return awserr.New(400, "ParameterLimitExceeded", format, most)
}
