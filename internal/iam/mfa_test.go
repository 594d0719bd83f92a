package iam_test

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/totp"
)

// app is an authenticator app with a device's seed.
type app struct {
	w      *optest.World
	serial string
	seed   []byte
	ahead  time.Duration // how far its clock is
}

func createMFA(t *testing.T, w *optest.World, name string) *app {
	t.Helper()
	in := &shape.CreateVirtualMFADeviceRequest{VirtualMFADeviceName: name}
	d := optest.Must[shape.CreateVirtualMFADeviceResponse](w, w.Root(), "CreateVirtualMFADevice", in).VirtualMFADevice
	seed, err := base32.StdEncoding.DecodeString(string(d.Base32StringSeed))
	if err != nil {
		t.Fatal(err)
	}
	return &app{w: w, serial: d.SerialNumber, seed: seed}
}

// code is what the app shows some steps from now.
func (a *app) code(steps int) string {
	return totp.Code(a.seed, totp.At(a.w.Now.Add(a.ahead))+totp.Counter(steps))
}

func (a *app) enable(user string, first, second string) *shape.EnableMFADeviceRequest {
	return &shape.EnableMFADeviceRequest{UserName: user, SerialNumber: a.serial, AuthenticationCode1: first, AuthenticationCode2: second}
}

const noSuchDevice = "VirtualMFADevice with serial number arn:aws:iam::123456789012:mfa/none doesn't exist."

func TestCreateVirtualMFADevice(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.CreateVirtualMFADeviceRequest{VirtualMFADeviceName: "Phone", Path: new("/eng/"), Tags: []shape.Tag{{Key: "k", Value: "v"}}}
	out, needs, err := w.Do(w.Root(), "CreateVirtualMFADevice", in)
	if err != nil {
		t.Fatal(err)
	}
	d := out.(*shape.CreateVirtualMFADeviceResponse).VirtualMFADevice
	const serial = "arn:aws:iam::123456789012:mfa/eng/Phone"
	if d.SerialNumber != serial || len(d.Base32StringSeed) != 64 || d.User != nil || len(d.Tags) != 1 {
		t.Errorf("CreateVirtualMFADevice replied %+v", d)
	}
	if !slices.Equal(resources(needs), []string{serial, serial}) || needs[1].Action != "iam:TagMFADevice" {
		t.Errorf("needs %v", needs)
	}
	if _, err := png.Decode(bytes.NewReader(d.QRCodePNG)); err != nil {
		t.Errorf("the QR code: %v", err)
	}
	const taken = "MFADevice entity at the same path and name already exists."
	w.Refused(w.Root(), "CreateVirtualMFADevice", &shape.CreateVirtualMFADeviceRequest{VirtualMFADeviceName: "pHONE", Path: new("/eng/")},
		409, "EntityAlreadyExists", taken)
	createMFA(t, w, "Phone") // the path is another
	w.Refused(w.Root(), "CreateVirtualMFADevice", &shape.CreateVirtualMFADeviceRequest{VirtualMFADeviceName: strings.Repeat("x", 227)},
		400, "ValidationError", "1 validation error detected: Value at 'serialNumber' failed to satisfy constraint: Member must have length less than or equal to 256")

	// Permissions are on the device as it is written, however the request writes it.
	if _, needs, err = w.Do(w.Root(), "DeleteVirtualMFADevice", &shape.DeleteVirtualMFADeviceRequest{SerialNumber: "arn:aws:iam::123456789012:mfa/eng/PHONE"}); err != nil {
		t.Fatal(err)
	}
	if resources(needs)[0] != serial {
		t.Errorf("DeleteVirtualMFADevice needs %v", needs)
	}
	for _, unknown := range []string{serial, "arn:aws:iam::210987654321:mfa/Phone", "arn:aws:iam::123456789012:user/Phone", "GAHT12345678"} {
		w.Refused(w.Root(), "DeleteVirtualMFADevice", &shape.DeleteVirtualMFADeviceRequest{SerialNumber: unknown},
			404, "NoSuchEntity", "VirtualMFADevice with serial number "+unknown+" doesn't exist.")
	}
	checkClean(t, w)
}

func TestMFALife(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	eve := createUser(w, "eve", "")
	phone := createMFA(t, w, "phone")
	const wrong = "Authentication code for device is not valid."

	w.Refused(w.Root(), "EnableMFADevice", phone.enable("nobody", "000000", "000000"), 404, "NoSuchEntity", "The user with name nobody cannot be found.")
	w.Refused(w.Root(), "EnableMFADevice", &shape.EnableMFADeviceRequest{UserName: "bob", SerialNumber: "arn:aws:iam::123456789012:mfa/none"},
		404, "NoSuchEntity", noSuchDevice)
	for _, codes := range [][2]string{
		{phone.code(0), phone.code(0)}, {phone.code(1), phone.code(0)}, {phone.code(0), phone.code(2)}, {phone.code(-22), phone.code(-21)}, {phone.code(21), phone.code(22)},
	} {
		w.Refused(w.Root(), "EnableMFADevice", phone.enable("bob", codes[0], codes[1]), 403, "InvalidAuthenticationCode", wrong)
	}
	optest.Must[op.None](w, w.Root(), "EnableMFADevice", phone.enable("bob", phone.code(-1), phone.code(0)))
	w.Refused(w.Root(), "EnableMFADevice", phone.enable("eve", phone.code(1), phone.code(2)), 409, "EntityAlreadyExists", "MFA Device is already in use.")

	list := optest.Must[shape.ListMFADevicesResponse](w, w.User("Bob"), "ListMFADevices", &shape.ListMFADevicesRequest{})
	if len(list.MFADevices) != 1 || list.MFADevices[0] != (shape.MFADevice{UserName: "Bob", SerialNumber: phone.serial, EnableDate: w.Now}) {
		t.Errorf("ListMFADevices replied %+v", list)
	}
	if list := optest.Must[shape.ListMFADevicesResponse](w, w.Root(), "ListMFADevices", &shape.ListMFADevicesRequest{}); len(list.MFADevices) != 0 {
		t.Errorf("root's devices: %+v", list)
	}
	got := optest.Must[shape.GetMFADeviceResponse](w, w.User("Bob"), "GetMFADevice", &shape.GetMFADeviceRequest{SerialNumber: phone.serial})
	if *got.UserName != "Bob" || got.SerialNumber != phone.serial || *got.EnableDate != w.Now {
		t.Errorf("GetMFADevice replied %+v", got)
	}
	const notHers = "MFA Device invalid for user."
	w.Refused(w.Root(), "GetMFADevice", &shape.GetMFADeviceRequest{SerialNumber: phone.serial, UserName: &eve.UserId}, 404, "NoSuchEntity", "The user with name "+eve.UserId+" cannot be found.")
	w.Refused(w.Root(), "GetMFADevice", &shape.GetMFADeviceRequest{SerialNumber: phone.serial, UserName: new("eve")}, 404, "NoSuchEntity", notHers)
	w.Refused(w.Root(), "GetMFADevice", &shape.GetMFADeviceRequest{SerialNumber: phone.serial}, 404, "NoSuchEntity", notHers)
	w.Refused(w.User("eve"), "DeactivateMFADevice", &shape.DeactivateMFADeviceRequest{SerialNumber: phone.serial}, 404, "NoSuchEntity", notHers)
	w.Refused(w.Root(), "DeleteVirtualMFADevice", &shape.DeleteVirtualMFADeviceRequest{SerialNumber: phone.serial},
		409, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first")
	w.Refused(w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "bob"}, 409, "DeleteConflict", "Cannot delete entity, must delete MFA device first.")
	optest.Must[op.None](w, w.Root(), "UpdateUser", &shape.UpdateUserRequest{UserName: "bob", NewUserName: new("Robert")})
	checkClean(t, w)

	// Codes are good once, even after the device was nobody's.
	optest.Must[op.None](w, w.Root(), "DeactivateMFADevice", &shape.DeactivateMFADeviceRequest{SerialNumber: phone.serial, UserName: new("robert")})
	w.Refused(w.Root(), "EnableMFADevice", phone.enable("eve", phone.code(-1), phone.code(0)), 403, "InvalidAuthenticationCode", wrong)
	w.Refused(w.Root(), "EnableMFADevice", phone.enable("eve", phone.code(0), phone.code(1)), 403, "InvalidAuthenticationCode", wrong)
	optest.Must[op.None](w, w.Root(), "EnableMFADevice", phone.enable("eve", phone.code(1), phone.code(2)))
	optest.Must[op.None](w, w.User("eve"), "DeactivateMFADevice", &shape.DeactivateMFADeviceRequest{SerialNumber: phone.serial})
	optest.Must[op.None](w, w.Root(), "DeleteVirtualMFADevice", &shape.DeleteVirtualMFADeviceRequest{SerialNumber: phone.serial})
	optest.Must[op.None](w, w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Robert"})
	checkClean(t, w)
}

// take shows a device's code as a sign-in would.
func (a *app) take(t *testing.T, code string) (taken bool) {
	t.Helper()
	err := a.w.Store.Update(t.Context(), func(tx store.Tx) error {
		was, err := directory.MFADeviceBySerial(tx, optest.Account, a.serial)
		if err != nil {
			return err
		}
		d, err := was.Take(a.w.Keyring, a.w.Now, code)
		if taken = d != nil; !taken {
			return err
		}
		return directory.PutMFADevice(tx, was, d)
	})
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func TestCodesAndResync(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	phone := createMFA(t, w, "phone")
	optest.Must[op.None](w, w.Root(), "EnableMFADevice", phone.enable("bob", phone.code(-1), phone.code(0)))
	w.Now = w.Now.Add(time.Minute)
	if !phone.take(t, phone.code(0)) {
		t.Error("a good code was refused")
	}
	if phone.take(t, phone.code(0)) {
		t.Error("a code was good twice")
	}

	// The phone's clock is wrong by five minutes, until the server knows.
	phone.ahead = 5 * time.Minute
	w.Now = w.Now.Add(time.Minute)
	if phone.take(t, phone.code(0)) {
		t.Error("a code of a clock that is five minutes ahead was good")
	}
	resync := func(first, second string) *shape.ResyncMFADeviceRequest {
		return &shape.ResyncMFADeviceRequest{UserName: "bob", SerialNumber: phone.serial, AuthenticationCode1: first, AuthenticationCode2: second}
	}
	w.Refused(w.Root(), "ResyncMFADevice", resync(phone.code(0), phone.code(0)), 403, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
	optest.Must[op.None](w, w.Root(), "ResyncMFADevice", resync(phone.code(-1), phone.code(0)))
	w.Now = w.Now.Add(time.Minute)
	if !phone.take(t, phone.code(0)) || phone.take(t, phone.code(-1)) {
		t.Error("after the resync, a good code was refused or an old one taken")
	}
}

func TestMFADevicesPerUser(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	for i := range 9 {
		phone := createMFA(t, w, fmt.Sprint("phone-", i))
		if i == 8 {
			w.Refused(w.Root(), "EnableMFADevice", phone.enable("bob", phone.code(-1), phone.code(0)), 409, "LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8")
			break
		}
		optest.Must[op.None](w, w.Root(), "EnableMFADevice", phone.enable("bob", phone.code(-1), phone.code(0)))
	}
	in := &shape.ListMFADevicesRequest{UserName: new("bob"), MaxItems: new(int32(5))}
	first := optest.Must[shape.ListMFADevicesResponse](w, w.Root(), "ListMFADevices", in)
	in.Marker = first.Marker
	second := optest.Must[shape.ListMFADevicesResponse](w, w.Root(), "ListMFADevices", in)
	if len(first.MFADevices) != 5 || !*first.IsTruncated || len(second.MFADevices) != 3 || *second.IsTruncated {
		t.Errorf("two pages: %+v %+v", first, second)
	}
	checkClean(t, w)
}

func TestListVirtualMFADevices(t *testing.T) {
	w := optest.New(t, iam.Service())
	bob := createUser(w, "bob", "")
	for i := range 6 {
		phone := createMFA(t, w, fmt.Sprint("Phone-", i))
		if i%2 == 0 {
			optest.Must[op.None](w, w.Root(), "EnableMFADevice", phone.enable("bob", phone.code(-1), phone.code(0)))
		}
	}
	for status, want := range map[string][]string{
		"":           {"0", "1", "2", "3", "4", "5"},
		"Any":        {"0", "1", "2", "3", "4", "5"},
		"Assigned":   {"0", "2", "4"},
		"Unassigned": {"1", "3", "5"},
	} {
		in := &shape.ListVirtualMFADevicesRequest{MaxItems: new(int32(2))}
		if status != "" {
			in.AssignmentStatus = &status
		}
		var got []string
		for more := true; more; {
			out := optest.Must[shape.ListVirtualMFADevicesResponse](w, w.Root(), "ListVirtualMFADevices", in)
			for _, d := range out.VirtualMFADevices {
				name, _ := strings.CutPrefix(d.SerialNumber, "arn:aws:iam::123456789012:mfa/Phone-")
				got = append(got, name)
				if assigned := strings.Contains("024", name); assigned != (d.User != nil) || assigned && (d.User.UserId != bob.UserId || *d.EnableDate != w.Now) {
					t.Errorf("listed %+v", d)
				}
				if d.Base32StringSeed != nil || d.QRCodePNG != nil {
					t.Error("a listing shows a seed")
				}
			}
			in.Marker, more = out.Marker, *out.IsTruncated
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", status, got, want)
		}
	}
	w.Refused(w.Root(), "ListVirtualMFADevices", &shape.ListVirtualMFADevicesRequest{Marker: new("!")}, 400, "ValidationError", "Invalid Marker.")
}

func TestMFADeviceTags(t *testing.T) {
	w := optest.New(t, iam.Service())
	phone := createMFA(t, w, "phone")
	optest.Must[op.None](w, w.Root(), "TagMFADevice", &shape.TagMFADeviceRequest{SerialNumber: phone.serial, Tags: []shape.Tag{{Key: "A", Value: "1"}, {Key: "b", Value: "2"}}})
	optest.Must[op.None](w, w.Root(), "UntagMFADevice", &shape.UntagMFADeviceRequest{SerialNumber: phone.serial, TagKeys: []string{"a"}})
	out := optest.Must[shape.ListMFADeviceTagsResponse](w, w.Root(), "ListMFADeviceTags", &shape.ListMFADeviceTagsRequest{SerialNumber: phone.serial})
	if !slices.Equal(out.Tags, []shape.Tag{{Key: "b", Value: "2"}}) {
		t.Errorf("tags %v", out.Tags)
	}
	none := "arn:aws:iam::123456789012:mfa/none"
	w.Refused(w.Root(), "TagMFADevice", &shape.TagMFADeviceRequest{SerialNumber: none}, 404, "NoSuchEntity", noSuchDevice)
	w.Refused(w.Root(), "UntagMFADevice", &shape.UntagMFADeviceRequest{SerialNumber: none}, 404, "NoSuchEntity", noSuchDevice)
	w.Refused(w.Root(), "ListMFADeviceTags", &shape.ListMFADeviceTagsRequest{SerialNumber: none}, 404, "NoSuchEntity", noSuchDevice)
}
