"""What a hand is: skeleton, template, camera and 2.5D to 3D, registration, joint limits, circles and spheres."""
