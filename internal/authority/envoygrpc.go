package authority

import (
	"context"
	"net/http"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/iamd-project/iamd/authority"
)

// envoyRPC answers ext_authz of Envoy in its gRPC form. A route's context_extensions say
// how to ask: mode "invoke", which is the default, or "identify"; or action and resource.
// They are the configuration's: no client can set them.
type envoyRPC struct {
	authv3.UnimplementedAuthorizationServer
	server *Server
}

// newRPC serves gRPC over the connections of net/http.
func (s *Server) newRPC() *grpc.Server {
	rpc := grpc.NewServer(grpc.MaxRecvMsgSize(maxCheck))
	authv3.RegisterAuthorizationServer(rpc, envoyRPC{server: s})
	return rpc
}

// Check answers one request of Envoy's. An error makes Envoy deny, unless it is
// configured to let everybody in then.
func (e envoyRPC) Check(ctx context.Context, in *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	p, err := fromEnvoy(in.GetAttributes())
	if err != nil {
		e.server.Log.Error("Envoy is not configured to ask", "err", err)
		return nil, err
	}
	a, err := e.server.askFor(ctx, p)
	if err != nil {
		e.server.Log.Error("a question was not answered", "err", err)
		return nil, status.Error(codes.Internal, "The question could not be answered; iamd's log says why.")
	}
	if a.Allowed {
		return &authv3.CheckResponse{
			Status:       &rpcstatus.Status{Code: int32(codes.OK)},
			HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: &authv3.OkHttpResponse{Headers: envoyHeaders(said(a))}},
		}, nil
	}
	return denied(a), nil
}

func denied(a *authority.Answer) *authv3.CheckResponse {
	code := codes.PermissionDenied
	if a.Principal == nil {
		code = codes.Unauthenticated
	}
	return &authv3.CheckResponse{
		Status: &rpcstatus.Status{Code: int32(code), Message: a.Refusal.Code},
		HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: &authv3.DeniedHttpResponse{
			Status: &typev3.HttpStatus{Code: typev3.StatusCode(a.Refusal.Status)},
			Headers: envoyHeaders(map[string]string{
				"content-type": "application/json", "x-amzn-errortype": a.Refusal.Code,
			}),
			Body: string(a.Refusal.JSON()),
		}},
	}
}

func envoyHeaders(values map[string]string) []*corev3.HeaderValueOption {
	list := make([]*corev3.HeaderValueOption, 0, len(values))
	for name, value := range values {
		list = append(list, &corev3.HeaderValueOption{
			Header:       &corev3.HeaderValue{Key: name, Value: value},
			AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
		})
	}
	return list
}

func fromEnvoy(in *authv3.AttributeContext) (*proxied, error) {
	r := in.GetRequest().GetHttp()
	header := envoyRequestHeader(r)
	body := r.GetRawBody()
	if len(body) == 0 {
		body = []byte(r.GetBody())
	}
	p := &proxied{
		request: authority.Request{
			Method: r.GetMethod(), URL: r.GetPath(), Host: r.GetHost(), Header: header,
			BodyHash: shownBody(body, header.Get(partialHeader) == "true", declaredPayload(header, r.GetPath())),
		},
		clientIP: in.GetSource().GetAddress().GetSocketAddress().GetAddress(),
		secure:   r.GetScheme() == "https",
	}
	return p, p.configure(in.GetContextExtensions())
}

// configure takes what a route's configuration says. A word that nobody knows is
// something that is believed to be in force.
func (p *proxied) configure(extensions map[string]string) error {
	p.mode = invoke
	permission := &authority.Permission{Action: extensions["action"], Resource: extensions["resource"]}
	for name, value := range extensions {
		switch {
		case name == "mode" && (value == identify || value == invoke):
			p.mode = value
		case name == "action" || name == "resource":
			p.permission = permission
		default:
			return status.Errorf(codes.InvalidArgument, "context_extensions: %q is not a setting, or %q not one of its values", name, value)
		}
	}
	if p.permission != nil && (permission.Action == "" || permission.Resource == "" || extensions["mode"] != "") {
		return status.Error(codes.InvalidArgument, "context_extensions: action and resource go together, and without mode")
	}
	return nil
}

// envoyRequestHeader is the header in either of the forms that Envoy sends. In the first,
// values of one name are joined by commas, as they are in what is signed.
func envoyRequestHeader(r *authv3.AttributeContext_HttpRequest) http.Header {
	header := http.Header{}
	for name, value := range r.GetHeaders() {
		if name != "" && name[0] != ':' {
			header.Set(name, value)
		}
	}
	for _, h := range r.GetHeaderMap().GetHeaders() {
		if name := h.GetKey(); name != "" && name[0] != ':' {
			header.Add(name, h.GetValue()+string(h.GetRawValue())) // one of them is empty
		}
	}
	return header
}
