package ssm

import (
	"regexp"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
)

// The data types of values. There are no integrations here, and so no
// aws:ssm:integration.
const (
	textData  = "text"
	imageData = "aws:ec2:image"
)

var (
	imageForm  = regexp.MustCompile(`^ami-[0-9a-zA-Z]{8,17}$`)
	nestedForm = regexp.MustCompile(`\{\{.*?\}\}`)
)

// checkValue makes sure that a version may have that value. Errors don't repeat it.
func checkValue(value string, v *directory.ParameterVersion) error {
	switch {
	case value == "":
		return awserr.Refuse(awserr.Validation, "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.")
	case nestedForm.MatchString(value):
		return invalid(`Parameter value can't nest another parameter. Do not use "{{}}" in the value.`)
	case v.DataType == imageData && v.Type != stringType:
		return invalid("The data type %s is for parameters of type String only.", imageData)
	case v.DataType == imageData && !imageForm.MatchString(value):
		return invalid("The parameter value is not the ID of an Amazon Machine Image, such as ami-12345abcdeEXAMPLE.")
	case v.DataType != textData && v.DataType != imageData:
		return invalid("The following data type is not supported: %s (Data type names are all lowercase.)", v.DataType)
	}
	return checkPattern(value, v)
}

// checkPattern makes sure that a value, or each of a list's, is as the parameter's
// pattern allows: all of it, and not only a part.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
func checkPattern(value string, v *directory.ParameterVersion) error {
	if v.AllowedPattern == "" {
		return nil
	}
	if _, err := regexp.Compile(v.AllowedPattern); err != nil { // by itself, lest it close our group
		return errPattern
	}
	whole, err := regexp.Compile(`\A(?:` + v.AllowedPattern + `)\z`)
	if err != nil {
		return errPattern
	}
	values := []string{value}
	if v.Type == stringListType {
		values = strings.Split(value, ",")
	}
	for _, one := range values {
		if !whole.MatchString(one) {
			return awserr.New(400, "ParameterPatternMismatchException", "Parameter value, cannot be validated against allowedPattern: %s", v.AllowedPattern)
		}
	}
	return nil
}

var errPattern = awserr.New(400, "InvalidAllowedPatternException", "The request does not meet the regular expression requirement.")
