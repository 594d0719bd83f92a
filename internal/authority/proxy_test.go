package authority_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	inside "github.com/iamd-project/iamd/internal/authority"
	"github.com/iamd-project/iamd/sigv4"
)

// mayInvoke is a policy on what a proxy guards, as API Gateway has it.
const mayInvoke = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:123456789012:api.example/$default/GET/pets/*"}]}`

// proxyCase is a request that proxies ask about, and what comes of it.
type proxyCase struct {
	name, method, path string
	unsigned           bool
	status             int // as AWS has it
	code               string
	nginx              int
}

var proxyCases = []proxyCase{
	{name: "allowed", method: "GET", path: "/pets/1?a=b", status: 200, nginx: 200},
	{name: "denied", method: "DELETE", path: "/pets/1", status: 403, code: "AccessDenied", nginx: 403},
	{name: "not signed", method: "GET", path: "/pets/1", unsigned: true, status: 403, code: "MissingAuthenticationToken", nginx: 401},
	{name: "out of the way", method: "GET", path: "/pets/../owners/1", status: 400, code: "BadRequestException", nginx: 403},
	{name: "out of the way, escaped", method: "GET", path: "/pets/%2e%2e/owners/1", status: 400, code: "BadRequestException", nginx: 403},
	{name: "a slash, escaped", method: "GET", path: "/pets/a%2Fb", status: 400, code: "BadRequestException", nginx: 403},
}

// each makes the request of every case.
func eachProxyCase(t *testing.T, w *world, test func(*testing.T, proxyCase, *http.Request)) {
	bob := w.user("bob", mayInvoke)
	for _, c := range proxyCases {
		t.Run(c.name, func(t *testing.T) {
			r := w.signed(t, bob, "execute-api", c.method, "http://api.example"+c.path, string(sigv4.EmptyPayload))
			if c.unsigned {
				r.Header.Del("Authorization")
			}
			test(t, c, r)
		})
	}
}

func TestNginx(t *testing.T) {
	w := newWorld(t)
	eachProxyCase(t, w, func(t *testing.T, c proxyCase, r *http.Request) {
		asked := newRequest(t, "GET", w.url+"/v1/nginx/invoke", r.Header)
		for name, value := range map[string]string{
			inside.TokenHeader: token, "X-Original-Method": r.Method, "X-Original-URI": r.URL.RequestURI(), "X-Original-Host": r.Host,
			"X-Original-Address": "192.0.2.1", "X-Original-Scheme": "http",
		} {
			asked.Header.Set(name, value)
		}
		resp := send(t, asked)
		if resp.StatusCode != c.nginx {
			t.Errorf("got status %d, want %d", resp.StatusCode, c.nginx)
		}
		if got := resp.Header.Get("X-Iamd-Principal"); (got == "arn:aws:iam::123456789012:user/bob") != (c.nginx == 200) {
			t.Errorf("principal %q", got)
		}
		for _, forgotten := range []string{"X-Original-Method", "X-Original-URI", "X-Original-Host", "X-Original-Address", "X-Original-Scheme"} {
			incomplete := newRequest(t, "GET", w.url+"/v1/nginx/invoke", asked.Header)
			incomplete.Header.Del(forgotten)
			if got := send(t, incomplete).StatusCode; got != 500 {
				t.Errorf("without %s: got status %d, want 500", forgotten, got)
			}
		}
	})
}

func TestEnvoyHTTP(t *testing.T) {
	w := newWorld(t)
	eachProxyCase(t, w, func(t *testing.T, c proxyCase, r *http.Request) {
		asked := newRequest(t, r.Method, w.url+"/v1/envoy/invoke"+c.path, r.Header)
		asked.Host = r.Host
		asked.Header.Set(inside.TokenHeader, token)
		resp := send(t, asked)
		if resp.StatusCode != c.status || resp.Header.Get("X-Amzn-Errortype") != c.code {
			t.Errorf("got %d %s, want %d %s", resp.StatusCode, resp.Header.Get("X-Amzn-Errortype"), c.status, c.code)
		}
		if got := resp.Header.Get("X-Iamd-Principal"); (got == "arn:aws:iam::123456789012:user/bob") != (c.status == 200) {
			t.Errorf("principal %q", got)
		}
		asked = newRequest(t, r.Method, w.url+"/v1/envoy/identify"+c.path, asked.Header)
		asked.Host = r.Host
		if resp := send(t, asked); (resp.StatusCode == 200) == c.unsigned {
			t.Errorf("identify: got status %d", resp.StatusCode)
		}
	})
}

func TestEnvoyGRPC(t *testing.T) {
	w := newWorld(t)
	check := envoyClient(t, w)
	eachProxyCase(t, w, func(t *testing.T, c proxyCase, r *http.Request) {
		out, err := check(token, checkRequest(r, nil))
		if err != nil {
			t.Fatal(err)
		}
		if c.status == 200 {
			var who string
			for _, h := range out.GetOkResponse().GetHeaders() {
				if h.GetHeader().GetKey() == "x-iamd-principal" && h.GetAppendAction() == corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD {
					who = h.GetHeader().GetValue()
				}
			}
			if out.GetStatus().GetCode() != int32(codes.OK) || who != "arn:aws:iam::123456789012:user/bob" {
				t.Errorf("got %v", out)
			}
			return
		}
		denied := out.GetDeniedResponse()
		if int(denied.GetStatus().GetCode()) != c.status || out.GetStatus().GetMessage() != c.code || !strings.HasPrefix(denied.GetBody(), `{"message":"`) {
			t.Errorf("got %v, want %d %s", out, c.status, c.code)
		}
	})
}

// What a route's configuration says of how to ask.
func TestEnvoyExtensions(t *testing.T) {
	w := newWorld(t)
	bob := w.user("bob", mayRead)
	check := envoyClient(t, w)
	r := w.signed(t, bob, "execute-api", "GET", "http://api.example/x", string(sigv4.EmptyPayload))
	for name, c := range map[string]struct {
		extensions map[string]string
		code       codes.Code
		allowed    bool
	}{
		"nothing":             {nil, codes.OK, false},
		"identify":            {map[string]string{"mode": "identify"}, codes.OK, true},
		"its own permission":  {map[string]string{"action": "s3:GetObject", "resource": "arn:aws:s3:::photos/x"}, codes.OK, true},
		"its own, denied":     {map[string]string{"action": "s3:PutObject", "resource": "arn:aws:s3:::photos/x"}, codes.OK, false},
		"half a permission":   {map[string]string{"action": "s3:GetObject"}, codes.InvalidArgument, false},
		"what nobody knows":   {map[string]string{"resources": "x"}, codes.InvalidArgument, false},
		"a mode that is none": {map[string]string{"mode": "x"}, codes.InvalidArgument, false},
	} {
		out, err := check(token, checkRequest(r, c.extensions))
		if got := status.Code(err); got != c.code || (out.GetOkResponse() != nil) != c.allowed {
			t.Errorf("%s: got %v %v", name, out, err)
		}
	}
	if _, err := check("another-token-of-some", checkRequest(r, nil)); status.Code(err) != codes.Unauthenticated {
		t.Errorf("with another token: got %v", err)
	}
}

func envoyClient(t *testing.T, w *world) func(token string, in *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	t.Helper()
	conn, err := grpc.NewClient(strings.TrimPrefix(w.url, "http://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	client := authv3.NewAuthorizationClient(conn)
	return func(token string, in *authv3.CheckRequest) (*authv3.CheckResponse, error) {
		ctx := metadata.AppendToOutgoingContext(context.WithoutCancel(t.Context()), "authorization", "Bearer "+token)
		return client.Check(ctx, in)
	}
}

// checkRequest is r as Envoy describes it.
func checkRequest(r *http.Request, extensions map[string]string) *authv3.CheckRequest {
	headers := map[string]string{":method": r.Method, ":path": r.URL.RequestURI(), ":authority": r.Host}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source: &authv3.AttributeContext_Peer{Address: &corev3.Address{Address: &corev3.Address_SocketAddress{
			SocketAddress: &corev3.SocketAddress{Address: "192.0.2.1"},
		}}},
		Request: &authv3.AttributeContext_Request{Http: &authv3.AttributeContext_HttpRequest{
			Method: r.Method, Path: r.URL.RequestURI(), Host: r.Host, Scheme: "http", Headers: headers,
		}},
		ContextExtensions: extensions,
	}}
}

func newRequest(t *testing.T, method, url string, header http.Header) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = slices.Clone(values)
	}
	return r
}

func send(t *testing.T, r *http.Request) *http.Response {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp
}
