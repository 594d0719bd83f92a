package sigv4

import "strings"

// authorization is an Authorization header taken apart.
type authorization struct {
	algorithm, credential, signedHeaders, signature string
}

// parseAuthorization reads
//
//	AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…
//
// in any order, with commas, spaces or both between the fields, and ignores
// fields it does not know, as AWS does. hasDate is part of it because AWS reports
// all that is missing in one message.
func parseAuthorization(header string, hasDate bool) (a authorization, err error) {
	var found struct{ credential, signedHeaders, signature bool }
	var rest string
	a.algorithm, rest, _ = cut(header, ' ')
	for rest != "" {
		var field string
		if field, rest = nextField(rest); field == "" {
			continue
		}
		name, value, ok := cut(field, '=')
		if !ok {
			return a, incomplete("Authorization header has a part that is not a valid key=value pair (missing equal-sign).")
		}
		switch name {
		case "Credential":
			ok = take(&a.credential, value, &found.credential)
		case "SignedHeaders":
			ok = take(&a.signedHeaders, value, &found.signedHeaders)
		case "Signature":
			ok = take(&a.signature, value, &found.signature)
		}
		if !ok {
			return a, incomplete("Authorization header has more than one '" + name + "' parameter.")
		}
	}
	if a.credential != "" && a.signature != "" && found.signedHeaders && hasDate {
		return a, nil
	}
	return a, incomplete(whatIsMissing(a.credential != "", a.signature != "", found.signedHeaders, hasDate))
}

// whatIsMissing is AWS's text, without the header at its end.
func whatIsMissing(credential, signature, signedHeaders, date bool) string {
	var missing []string
	for _, p := range []struct {
		name  string
		found bool
	}{{"Credential", credential}, {"Signature", signature}, {"SignedHeaders", signedHeaders}} {
		if !p.found {
			missing = append(missing, "Authorization header requires '"+p.name+"' parameter.")
		}
	}
	if !date {
		missing = append(missing, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	return strings.Join(missing, " ")
}

// nextField cuts at the first comma or space. Two in a row make an empty field.
func nextField(s string) (field, rest string) {
	field, rest, _ = cut(s, ',')
	if i := strings.IndexByte(field, ' '); i >= 0 {
		return s[:i], s[i+1:]
	}
	return field, rest
}

// take stores the value of a field unless the field has been seen before.
func take(into *string, value string, seen *bool) bool {
	if *seen {
		return false
	}
	*into, *seen = value, true
	return true
}
