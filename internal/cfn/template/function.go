package template

import (
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// The names of functions, as they stand in templates.
const (
	fnRef          = "Ref"
	fnCondition    = "Condition"
	fnAnd          = "Fn::And"
	fnBase64       = "Fn::Base64"
	fnCidr         = "Fn::Cidr"
	fnEquals       = "Fn::Equals"
	fnFindInMap    = "Fn::FindInMap"
	fnGetAtt       = "Fn::GetAtt"
	fnGetAZs       = "Fn::GetAZs"
	fnIf           = "Fn::If"
	fnImportValue  = "Fn::ImportValue"
	fnJoin         = "Fn::Join"
	fnLength       = "Fn::Length"
	fnNot          = "Fn::Not"
	fnOr           = "Fn::Or"
	fnSelect       = "Fn::Select"
	fnSplit        = "Fn::Split"
	fnSub          = "Fn::Sub"
	fnToJSONString = "Fn::ToJsonString"

	fnContains         = "Fn::Contains"
	fnEachMemberEquals = "Fn::EachMemberEquals"
	fnEachMemberIn     = "Fn::EachMemberIn"
	fnRefAll           = "Fn::RefAll"
	fnValueOf          = "Fn::ValueOf"
	fnValueOfAll       = "Fn::ValueOfAll"
)

// The texts of functions whose arguments are wrong.
const (
	wrongRef     = functionError + "every Ref object must have a single String value."
	wrongGetAtt  = functionError + "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute"
	wrongJoin    = functionError + "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
	wrongSplit   = functionError + "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split."
	wrongSelect  = functionError + "Fn::Select requires a list argument with two elements: an integer index and a list"
	wrongFind    = functionError + "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value"
	wrongSub     = functionError + "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string"
	wrongSubName = functionError + "variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons"
	wrongSubMap  = functionError + "every value of the context object of every Fn::Sub object must be a string or a function that returns a string"
	wrongBase64  = functionError + "every Fn::Base64 object must have a String-typed value."
	wrongGetAZs  = functionError + "every Fn::GetAZs object must have a String-typed value."
	wrongIf      = functionError + "Fn::If requires a list argument with the first element being a condition"
	wrongEquals  = functionError + "every Fn::Equals object requires a list of 2 string parameters."
	wrongAnd     = functionError + "every %s object requires a list of at least 2 and at most 10 boolean parameters."
	wrongNot     = functionError + "every Fn::Not object requires one boolean parameter."
	wrongImport  = functionError + "every Fn::ImportValue object must have a String-typed value."
	importNeeds  = functionError + "the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs"
	wrongCidr    = functionError + "every Fn::Cidr object requires two or three parameters, (1) an IP address block, (2) the number of CIDRs to generate, from 1 to 256, and (3) the number of subnet bits for the CIDR"
	wrongLength  = functionError + "every Fn::Length object requires a list or a function that returns a list."
	wrongToJSON  = functionError + "every Fn::ToJsonString object requires an object or a list."
	notThere     = functionError + "Encountered unsupported function: %s Supported functions are: [Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, Fn::Cidr]"
	notUnlessIf  = functionError + "%s cannot be partially collapsed"
)

// function is the function that a node is, if it is one: a map of one member with a
// function's name. Condition is one only where conditions are.
func function(n *tree.Node) (*tree.Field, bool) {
	if !n.Is(tree.Map) || len(n.Fields) != 1 {
		return nil, false
	}
	f := &n.Fields[0]
	return f, f.Key == fnRef || strings.HasPrefix(f.Key, "Fn::")
}

// is is the argument of a node that is the function name, or nil.
func is(n *tree.Node, name string) *tree.Node {
	if f, ok := function(n); ok && f.Key == name {
		return f.Value
	}
	return nil
}

// attr is the resource and the attribute that an Fn::GetAtt names. The attribute may be a
// function.
func attr(arg *tree.Node) (id string, attribute *tree.Node, ok bool) {
	if arg.Is(tree.String) {
		arg = splitAttr(arg)
	}
	if !arg.Is(tree.List) || len(arg.Items) != 2 || !arg.Items[0].Scalar() || arg.Items[0].Text == "" {
		return "", nil, false
	}
	a := arg.Items[1]
	if _, called := function(a); !called && (!a.Scalar() || a.Text == "") {
		return "", nil, false
	}
	return arg.Items[0].Text, a, true
}

// pseudos are the pseudo parameters.
var pseudos = map[string]bool{
	"AWS::AccountId": true, "AWS::NotificationARNs": true, "AWS::NoValue": true, "AWS::Partition": true,
	"AWS::Region": true, "AWS::StackId": true, "AWS::StackName": true, "AWS::URLSuffix": true,
}
