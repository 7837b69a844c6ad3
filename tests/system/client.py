"""A client that nobody here wrote: stubs generated from proto/ by grpcio-tools, calls over the plain
gRPC library for Python. Checks what an integrator relies on: outcomes, idempotency, error details,
the event feed, and the gateway over mTLS with a token.

client.py --source ROOT --dir DIR --bin BIN     DIR as Processes makes it; ends with 0 when all holds
"""
import argparse
import glob
import os
import subprocess
import sys
import tempfile
import unittest
import uuid

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

ARGS = None


def generate_stubs(source, out):
    """Stubs of every service, as an integrator would make them. google/* comes with its package."""
    from grpc_tools import protoc
    import grpc_tools
    well_known = os.path.join(os.path.dirname(grpc_tools.__file__), "_proto")
    proto = os.path.join(source, "proto")
    files = sorted(os.path.relpath(p, proto)
                   for p in glob.glob(os.path.join(proto, "pdp", "**", "*.proto"), recursive=True))
    code = protoc.main(["protoc", "-I", proto, "-I", os.path.join(source, ".deps", "googleapis"),
                        "-I", well_known, "--python_out", out, "--grpc_python_out", out] + files)
    if code != 0:
        raise SystemExit("protoc: %d" % code)
    sys.path.insert(0, out)


def address(service):
    with open(os.path.join(ARGS.dir, service + ".port")) as f:
        text = f.read().strip()
    return text if ":" in text else "127.0.0.1:" + text


def details(error):
    """{"code", "reason", "domain", "fields": {field: description}} of a failed call."""
    status = rpc_status.from_call(error)
    found = {"code": error.code(), "reason": None, "infos": 0, "fields": {}, "retry": False}
    for any_ in status.details if status is not None else []:
        info = error_details_pb2.ErrorInfo()
        bad = error_details_pb2.BadRequest()
        if any_.Unpack(info):
            found["infos"] += 1
            found["reason"], found["domain"] = info.reason, info.domain
        elif any_.Unpack(bad):
            found["fields"].update({v.field: v.description for v in bad.field_violations})
        elif any_.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            found["retry"] = True
    return found


class ClientTest(unittest.TestCase):
    def refused(self, call, *args, **kwargs):
        with self.assertRaises(grpc.RpcError) as caught:
            call(*args, **kwargs)
        found = details(caught.exception)
        self.assertEqual(found["infos"], 1, "exactly one ErrorInfo")
        return found


class ReferralTest(ClientTest):
    def setUp(self):
        from pdp.referral.v1 import commands_pb2, service_pb2, service_pb2_grpc
        self.commands, self.service = commands_pb2, service_pb2
        self.channel = grpc.insecure_channel(address("referral"))
        self.stub = service_pb2_grpc.ReferralServiceStub(self.channel)

    def tearDown(self):
        self.channel.close()

    def request(self, crn, command_id=None):
        request = self.service.ExecuteRequest(area="NAT")
        request.header.command_id = command_id or uuid.uuid4().bytes
        request.header.actor.id = "ro-7"
        request.header.actor.roles.append("RO")
        person = request.command.register_person
        person.crn, person.home_area, person.pdu = crn, "N56", "N56ESX"
        person.identity.name.given, person.identity.name.family = "Pat", "Python"
        person.identity.date_of_birth, person.identity.sex = "1985-05-05", "F"
        return request

    def test_a_command_takes_effect_once(self):
        command_id = uuid.uuid4().bytes
        first = self.stub.Execute(self.request("T900001", command_id), timeout=20)
        self.assertEqual(first.outcome.position.area, "NAT")
        self.assertFalse(first.outcome.duplicate)
        again = self.stub.Execute(self.request("T900001", command_id), timeout=20)
        self.assertTrue(again.outcome.duplicate)
        self.assertEqual(again.outcome.position, first.outcome.position)
        found = self.refused(self.stub.Execute, self.request("T900002", command_id), timeout=20)
        self.assertEqual(found["code"], grpc.StatusCode.ALREADY_EXISTS)
        self.assertEqual(found["reason"], "COMMAND_ID_REUSED")
        found = self.refused(self.stub.Execute, self.request("T900001"), timeout=20)
        self.assertEqual(found["reason"], "PERSON_EXISTS")

    def test_every_bad_field_is_named(self):
        request = self.request("no crn")
        request.command.register_person.identity.date_of_birth = "1985-13-05"
        request.command.register_person.identity.sex = "Q"
        found = self.refused(self.stub.Execute, request, timeout=20)
        self.assertEqual(found["code"], grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual((found["reason"], found["domain"]), ("VALIDATION_FAILED", "referral"))
        self.assertLessEqual({"crn", "identity.date_of_birth", "identity.sex"},
                             set(found["fields"]))

    def test_the_header_is_checked_with_the_area(self):
        request = self.request("T900003", b"short")
        request.area = "X99"
        found = self.refused(self.stub.Execute, request, timeout=20)
        self.assertEqual(found["reason"], "VALIDATION_FAILED")
        self.assertLessEqual({"header.command_id", "area"}, set(found["fields"]))

    def test_what_is_not_there_is_not_found(self):
        from pdp.referral.v1 import queries_pb2
        request = queries_pb2.GetReferralRequest(area="N56", referral_id=str(uuid.uuid4()))
        request.actor.id, request.actor.roles[:] = "ro-7", ["RO"]
        found = self.refused(self.stub.GetReferral, request, timeout=20)
        self.assertEqual(found["code"], grpc.StatusCode.NOT_FOUND)
        self.assertEqual(found["reason"], "NOT_FOUND")

    def test_the_feed_tells_it_as_a_cloud_event(self):
        from pdp.common.v1 import feed_service_pb2, feed_service_pb2_grpc
        from pdp.referral.v1 import public_events_pb2
        outcome = self.stub.Execute(self.request("T900004"), timeout=20).outcome
        request = feed_service_pb2.SubscribeRequest()
        request.after.add(area="NAT", seq=outcome.position.seq - 1, index=2**32 - 1)
        stream = feed_service_pb2_grpc.EventFeedStub(self.channel).Subscribe(request, timeout=20)
        event = next(reply.event for reply in stream if reply.WhichOneof("frame") == "event")
        stream.cancel()
        seq = outcome.position.seq
        self.assertEqual(event.id, "referral/NAT/%d/%d" % (seq, event.index))
        self.assertEqual(event.type, "pdp.referral.v1.PersonRegistered")
        self.assertEqual(event.source, "/pdp/referral/NAT")
        data = public_events_pb2.PublicEvent.FromString(event.data)
        self.assertEqual(data.person_registered.crn, "T900004")


class GatewayTest(ClientTest):
    def setUp(self):
        from pdp.gateway.v1 import gateway_service_pb2, gateway_service_pb2_grpc
        self.messages, self.stubs = gateway_service_pb2, gateway_service_pb2_grpc
        self.channels = []

    def tearDown(self):
        for channel in self.channels:
            channel.close()

    def channel(self, organisation):
        read = lambda name: open(os.path.join(ARGS.dir, "gateway", name), "rb").read()
        credentials = grpc.ssl_channel_credentials(
            root_certificates=read("ca.pem"), private_key=read(organisation + ".key"),
            certificate_chain=read(organisation + ".pem"))
        self.channels.append(grpc.secure_channel(address("gateway"), credentials))
        return self.channels[-1]

    def token(self, client):
        out = subprocess.run([os.path.join(ARGS.bin, "pdp-demo"), "token", "--dir", ARGS.dir,
                              "--client", client], capture_output=True, text=True, check=True)
        return (("authorization", "Bearer " + out.stdout.strip()),)

    def test_certificate_and_token_together_say_who_calls(self):
        stub = self.stubs.IdentityStub(self.channel("S01"))
        who = stub.WhoAmI(self.messages.WhoAmIRequest(), metadata=self.token("S01-delivery"),
                          timeout=20)
        self.assertEqual((who.organisation, who.client), ("S01", "S01-delivery"))
        found = self.refused(stub.WhoAmI, self.messages.WhoAmIRequest(), timeout=20)
        self.assertEqual((found["code"], found["reason"]),
                         (grpc.StatusCode.UNAUTHENTICATED, "CLIENT_UNKNOWN"))
        found = self.refused(stub.WhoAmI, self.messages.WhoAmIRequest(), timeout=20,
                             metadata=self.token("S02-delivery"))
        self.assertEqual(found["reason"], "TOKEN_NOT_BOUND")

    def test_without_tls_nobody_is_let_in(self):
        channel = grpc.insecure_channel(address("gateway"))
        self.channels.append(channel)
        with self.assertRaises(grpc.RpcError) as caught:
            self.stubs.IdentityStub(channel).WhoAmI(self.messages.WhoAmIRequest(), timeout=20)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)

    def test_bad_fields_are_named(self):
        stub = self.stubs.AllocationsStub(self.channel("S01"))
        token = self.token("S01-delivery")
        request = self.messages.AcceptOfferRequest(name="pools/N56-TSP/offers/r~1",
                                                   request_id="not a uuid")
        found = self.refused(stub.AcceptOffer, request, metadata=token, timeout=20)
        self.assertEqual((found["code"], found["reason"]),
                         (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_MALFORMED"))
        self.assertIn("request_id", found["fields"])
        listing = self.messages.ListOffersRequest(parent="pools/N56-TSP", page_size=-1)
        found = self.refused(stub.ListOffers, listing, metadata=token, timeout=20)
        self.assertEqual(found["reason"], "PAGE_SIZE_NEGATIVE")
        self.assertIn("page_size", found["fields"])

    def test_a_stranger_sees_no_pool(self):
        stub = self.stubs.AllocationsStub(self.channel("X01"))
        request = self.messages.ListOffersRequest(parent="pools/N56-TSP")
        found = self.refused(stub.ListOffers, request, metadata=self.token("X01-delivery"),
                             timeout=20)
        self.assertEqual((found["code"], found["reason"]),
                         (grpc.StatusCode.PERMISSION_DENIED, "NOT_VISIBLE"))


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    for name in ("--source", "--dir", "--bin"):
        parser.add_argument(name, required=True)
    ARGS = parser.parse_args()
    with tempfile.TemporaryDirectory() as out:
        generate_stubs(ARGS.source, out)
        suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
        result = unittest.TextTestRunner(verbosity=2).run(suite)
    # An empty suite would prove nothing.
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
