#include "libs/privacy/blind_index.h"

#include <string>

#include "gtest/gtest.h"

namespace pdp::privacy {
namespace {

// RFC 4231, test cases 1 and 2: the first 16 bytes of the HMAC-SHA-256.
TEST(BlindIndexTest, IsTheTruncatedHmacOfTheText) {
  EXPECT_EQ(BlindIndex(std::string(20, '\x0b'), "Hi There"), "b0344c61d8db38535ca8afceaf0bf12b");
  EXPECT_EQ(BlindIndex("Jefe", "what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c7");
}

TEST(BlindIndexTest, AnotherIndexKeyGivesAnotherIndex) {
  EXPECT_NE(BlindIndex("a", "text"), BlindIndex("b", "text"));
}

}  // namespace
}  // namespace pdp::privacy
