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
	a.algorithm, rest, _ = strings.Cut(header, " ")
	for rest != "" {
		var field string
		if i := strings.IndexAny(rest, ", \t"); i >= 0 {
			field, rest = rest[:i], rest[i+1:]
		} else {
			field, rest = rest, ""
		}
		if field == "" {
			continue
		}
		name, value, ok := strings.Cut(field, "=")
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
	var missing []string
	for _, p := range []struct {
		name  string
		found bool
	}{{"Credential", a.credential != ""}, {"Signature", a.signature != ""}, {"SignedHeaders", found.signedHeaders}} {
		if !p.found {
			missing = append(missing, "Authorization header requires '"+p.name+"' parameter.")
		}
	}
	if !hasDate {
		missing = append(missing, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if missing != nil {
		return a, incomplete(strings.Join(missing, " "))
	}
	return a, nil
}

// take stores the value of a field unless the field has been seen before.
func take(into *string, value string, seen *bool) bool {
	if *seen {
		return false
	}
	*into, *seen = value, true
	return true
}
