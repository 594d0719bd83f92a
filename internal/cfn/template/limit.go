package template

// The quotas of templates. See
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html.
const (
	MaxLen     = 1 << 20 // bytes of a template in a bucket; a request carries 51,200 at most
	MaxOutputs = 200

	maxResources   = 500
	maxParameters  = 200
	maxMappings    = 200
	maxAttributes  = 200
	maxName        = 255
	maxDescription = 1024
	maxExplanation = 4000 // of a parameter
	maxValue       = 4096
	maxDynamicRefs = 60
	maxConditionIn = 10 // conditions in an Fn::And or Fn::Or
	maxCidrs       = 256
)

// Our own bounds, which no template of a kind that AWS takes comes near: they keep a
// template of a few bytes from becoming a value of many.
const (
	maxDepth = 100     // of nested lists and maps
	maxNodes = 1 << 18 // values in a template, and made by its macros
	maxBytes = 2 << 20 // that functions make in one evaluation
)
