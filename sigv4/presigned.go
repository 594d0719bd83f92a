package sigv4

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxExpires is the longest a presigned request may be valid: seven days.
const MaxExpires = 7 * 24 * time.Hour

// The query parameters of a presigned request.
const (
	queryAlgorithm     = "X-Amz-Algorithm"
	queryCredential    = "X-Amz-Credential"
	querySignature     = "X-Amz-Signature"
	querySignedHeaders = "X-Amz-SignedHeaders"
	queryDate          = "X-Amz-Date"
	queryExpires       = "X-Amz-Expires"
	queryToken         = "X-Amz-Security-Token"
	queryPayload       = "X-Amz-Content-Sha256"
)

// authQuery is the part of a query that signs it. A query is presigned if it
// names an algorithm; without that the other parameters mean nothing to us.
type authQuery struct {
	present bool
	values  map[string]string
}

// parseAuthQuery picks the parameters named above out of a query. A request that
// gives one of them twice is refused: which of the two counts must not be open.
func parseAuthQuery(raw string) (q authQuery, err error) {
	if !strings.Contains(raw, "X-Amz-Algorithm") && !strings.Contains(raw, "%") {
		return q, nil
	}
	q.values = make(map[string]string)
	twice := ""
	for raw != "" {
		var param string
		param, raw, _ = cut(raw, '&')
		name, value, _ := cut(param, '=')
		if name, err = unescape(name); err != nil {
			return q, err
		}
		switch name {
		case queryAlgorithm, queryCredential, querySignature, querySignedHeaders, queryDate, queryExpires, queryToken, queryPayload:
		default:
			continue
		}
		if value, err = unescape(value); err != nil {
			return q, err
		}
		if _, ok := q.values[name]; ok {
			twice = name
		}
		q.values[name] = value
	}
	_, q.present = q.values[queryAlgorithm]
	if q.present && twice != "" {
		return q, incomplete("AWS query-string parameters must include '" + twice + "' once. Re-examine the query-string parameters.")
	}
	return q, nil
}

func parsePresigned(r *http.Request, q authQuery) (Claim, error) {
	var missing strings.Builder
	for _, name := range []string{queryAlgorithm, queryCredential, querySignature, querySignedHeaders, queryDate} {
		if q.values[name] == "" {
			missing.WriteString("AWS query-string parameters must include '" + name + "'. ")
		}
	}
	if missing.Len() > 0 {
		return Claim{}, incomplete(missing.String() + "Re-examine the query-string parameters.")
	}
	c := Claim{
		r:             r,
		Presigned:     true,
		SignedHeaders: q.values[querySignedHeaders],
		SessionToken:  q.values[queryToken],
		Payload:       PayloadHash(q.values[queryPayload]),
		signature:     q.values[querySignature],
	}
	if err := c.setDate([]string{q.values[queryDate]}); err != nil {
		return Claim{}, err
	}
	if q.values[queryAlgorithm] != algorithm {
		return Claim{}, unsupported(q.values[queryAlgorithm])
	}
	if err := c.setCredential(q.values[queryCredential]); err != nil {
		return Claim{}, err
	}
	if err := c.checkSignedHeaders(); err != nil {
		return Claim{}, err
	}
	if err := c.setExpires(q.values); err != nil {
		return Claim{}, err
	}
	err := c.setPresignedHeaders()
	return c, err
}

func (c *Claim) setExpires(values map[string]string) error {
	s, ok := values[queryExpires]
	if !ok {
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	switch {
	case err != nil:
		return incomplete("X-Amz-Expires should be a number")
	case n < 1:
		return incomplete("X-Amz-Expires must be positive")
	case n > int64(MaxExpires/time.Second):
		return incomplete("X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
	}
	c.Expires = time.Duration(n) * time.Second
	return nil
}

// setPresignedHeaders reads what a presigned request may carry as a signed
// header instead of in its query, and refuses one that does both.
func (c *Claim) setPresignedHeaders() error {
	token, err := single(c.r.Header, "X-Amz-Security-Token")
	if err != nil {
		return err
	}
	payload, err := single(c.r.Header, "X-Amz-Content-Sha256")
	if err != nil {
		return err
	}
	if token != "" && c.SessionToken != "" || payload != "" && c.Payload != "" {
		return incomplete("The request contains a query parameter that duplicates a header value.")
	}
	if token != "" {
		c.SessionToken = token
	}
	if payload != "" {
		c.Payload = PayloadHash(payload)
	}
	return nil
}
