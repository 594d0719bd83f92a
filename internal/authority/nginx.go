package authority

import (
	"errors"
	"net/http"
	"strings"

	"github.com/iamd-project/iamd/authority"
)

// What nginx is configured to say of the request that it asks about. All of it must be
// there: where a line is forgotten, a client could send the header itself.
const (
	originalMethod  = "X-Original-Method"
	originalURI     = "X-Original-Uri"
	originalHost    = "X-Original-Host"
	originalAddress = "X-Original-Address"
	originalScheme  = "X-Original-Scheme"
)

// originalLength is the Content-Length, if the request has one: the subrequest has its
// own. It counts only if it is signed.
const originalLength = "X-Original-Content-Length"

var errIncomplete = errors.New("nginx must set X-Original-Method, -URI, -Host, -Address and -Scheme, each to one value")

// serveNginx answers auth_request, which knows three outcomes: 200, 401 for a caller
// that is not known, 403 for one that may not. It never shows a body.
// https://nginx.org/en/docs/http/ngx_http_auth_request_module.html
func (s *Server) serveNginx(w http.ResponseWriter, r *http.Request) {
	p, err := fromNginx(r)
	if err != nil {
		s.Log.Error("nginx is not configured to ask", "err", err)
		complain(w, http.StatusInternalServerError, err.Error())
		return
	}
	a, err := s.askFor(r.Context(), p)
	switch {
	case err != nil:
		s.complainOf(w, err)
	case a.Allowed:
		for name, value := range said(a) {
			w.Header().Set(name, value)
		}
		w.WriteHeader(http.StatusOK)
	case a.Principal == nil && a.RequestID != "":
		w.Header().Set("WWW-Authenticate", "AWS4-HMAC-SHA256")
		deny(w, r, http.StatusUnauthorized, *a.Refusal)
	default:
		deny(w, r, http.StatusForbidden, *a.Refusal)
	}
}

func fromNginx(r *http.Request) (*proxied, error) {
	mode := strings.TrimPrefix(r.URL.Path, nginxPath)
	if mode != identify && mode != invoke {
		return nil, errors.New("nginx asks at " + nginxPath + identify + " or " + nginxPath + invoke)
	}
	values := map[string]string{}
	for _, name := range []string{originalMethod, originalURI, originalHost, originalAddress, originalScheme} {
		given := r.Header.Values(name)
		if len(given) != 1 || given[0] == "" {
			return nil, errIncomplete
		}
		values[name] = given[0]
	}
	header := r.Header.Clone()
	header.Del(TokenHeader)
	header.Del("Content-Length")
	if length := header.Get(originalLength); length != "" {
		header.Set("Content-Length", length)
	}
	return &proxied{
		mode: mode,
		request: authority.Request{
			Method: values[originalMethod], URL: values[originalURI], Host: values[originalHost], Header: header,
			BodyHash: shownBody(nil, false, declaredPayload(header, values[originalURI])),
		},
		clientIP: values[originalAddress],
		secure:   values[originalScheme] == "https",
	}, nil
}

// deny tells a proxy's client.
func deny(w http.ResponseWriter, r *http.Request, status int, refused authority.Refusal) {
	refused.Status = status
	authority.WriteJSON(w, r, &refused)
}
