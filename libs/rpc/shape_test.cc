#include "libs/rpc/shape.h"

#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "libs/rpc/status.h"
#include "pdp/common/v1/admin_service.pb.h"
#include "pdp/common/v1/cloud_event.pb.h"

namespace pdp::rpc {
namespace {

std::vector<std::string> Fields(const std::vector<decider::Violation>& found) {
  std::vector<std::string> names;
  for (const auto& violation : found) names.push_back(violation.field);
  return names;
}

TEST(ShapeTest, AWellFormedMessagePasses) {
  common::v1::CommandHeader header;
  header.set_command_id("0123456789abcdef");
  header.mutable_actor()->set_id("ro-1");
  EXPECT_TRUE(FindBadShape(header).empty());
  EXPECT_TRUE(FindBadHeader(header).empty());
}

TEST(ShapeTest, UnknownFieldsAreFoundAtEveryDepth) {
  common::v1::ListCellsReply newer;
  newer.add_cells()->set_area("N56");
  auto* position = newer.add_cells()->mutable_position();
  position->GetReflection()->MutableUnknownFields(position)->AddVarint(99, 1);
  newer.GetReflection()->MutableUnknownFields(&newer)->AddLengthDelimited(7, "x");
  EXPECT_EQ(Fields(FindBadShape(newer)),
            (std::vector<std::string>{"#7", "cells[1].position#99"}));
}

TEST(ShapeTest, EveryBadFieldIsNamedAtOnce) {
  common::v1::CloudEvent event;
  event.set_id(std::string(kStringBytesMax + 1, 'a'));
  event.set_subject(std::string(kStringBytesMax, 'a'));
  event.mutable_time()->set_nanos(1'000'000'000);
  EXPECT_EQ(Fields(FindBadShape(event)), (std::vector<std::string>{"id", "time"}));
  google::protobuf::ListValue list;
  for (int i = 0; i <= kRepeatedMax; ++i) list.add_values();
  EXPECT_EQ(Fields(FindBadShape(list)), (std::vector<std::string>{"values"}));
}

TEST(ShapeTest, ACommandIdIsSixteenBytesNotAllZero) {
  common::v1::CommandHeader header;
  for (const std::string& id : {std::string(), std::string("short"), std::string(17, 'a'),
                                std::string(16, '\0')}) {
    header.set_command_id(id);
    const auto found = FindBadHeader(header);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].code, "COMMAND_ID_MALFORMED");
    EXPECT_EQ(found[0].field, "header.command_id");
  }
}

TEST(ShapeTest, ABadQueryIsRefusedAsInvalidArgument) {
  common::v1::ListCellsRequest request;
  EXPECT_TRUE(CheckShape(request, "x").ok());
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(1, 1);
  const grpc::Status status = CheckShape(request, "x");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FromStatus(status)->reason, "VALIDATION_FAILED");
}

}  // namespace
}  // namespace pdp::rpc
