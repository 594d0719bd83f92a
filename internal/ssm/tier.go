package ssm

import (
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

// The limits of tiers: bytes of a value, and parameters in a region of an account.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
const (
	standardValue = 4 << 10
	advancedValue = 8 << 10
	mostStandard  = 10_000
	mostAdvanced  = 100_000
)

const tierPage = "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"

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
		if demanding || before == directory.AdvancedTier || was == nil && count.Standard >= mostStandard {
			tier = directory.AdvancedTier
		}
	}
	return tier, checkTier(tier, before, len(in.Value), v, count)
}

func checkTier(tier, before string, size int, v *directory.ParameterVersion, count directory.ParameterCount) error {
	if tier == directory.AdvancedTier {
		switch {
		case size > advancedValue:
			return invalid("Advanced tier parameters support a maximum parameter value of %d characters. For more information, see %s", advancedValue, tierPage)
		case before != tier && count.Advanced >= mostAdvanced:
			return tooMany("You have reached the maximum number of advanced parameters for this AWS account and Region (%d). To add more parameters, delete existing parameters.", mostAdvanced)
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
	case before == "" && count.Standard >= mostStandard:
		return tooMany("You have reached the maximum number of standard parameters for this AWS account and Region (%d). "+
			"To add more parameters, either delete existing parameters or upgrade to the advanced-parameter tier (charges apply).", mostStandard)
	}
	return nil
}

func tooMany(format string, most int) error {
	return awserr.New(400, "ParameterLimitExceeded", format, most)
}
